"""The form of a proposal: why, and what shows that it is right. Each kind adds its own fields."""

from __future__ import annotations

from typing import Any

from marketplace.adjustments.models import LONGEST_EVIDENCE, LONGEST_REASON, LONGEST_SOURCE
from marketplace.web.fields import line, text
from marketplace.web.forms import Form


class ProposalForm(Form):
    """Reason and evidence; ``own_fields`` names those of the kind, in their order."""

    own_fields: tuple[str, ...] = ()

    reason = text(
        "Reason",
        most=LONGEST_REASON,
        render_kw={"rows": 3},
    )
    evidence = text(
        "Evidence",
        most=LONGEST_EVIDENCE,
        description=(
            "What shows that this is right. Only operators and auditors read it, never the school."
        ),
        render_kw={"rows": 3},
    )
    evidence_source = line(
        "Where is the evidence?",
        most=LONGEST_SOURCE,
        description=(
            "So that an auditor finds it: the date and sender of an e-mail, or a document’s name"
            " or link. Only operators and auditors read it."
        ),
    )

    def details(self) -> dict[str, Any]:
        """Return what the kind needs to carry it out, after validation."""
        return {}

    @property
    def is_urgent(self) -> bool:
        """Whether it is to be done at once, for another person to confirm."""
        return False
