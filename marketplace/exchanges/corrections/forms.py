"""The forms of a correction."""

from __future__ import annotations

from typing import Any

from wtforms import ValidationError

from marketplace.credits.fields import CreditsField
from marketplace.credits.formats import minutes_from_typed
from marketplace.exchanges.service import LONGEST_REASON
from marketplace.web.fields import text
from marketplace.web.forms import VersionedForm


class FigureField(CreditsField):
    """Credits that were due: 0 is one of them, and the verb says what else can be."""

    def pre_validate(self, form: Any) -> None:
        """Read the number."""
        self.minutes = minutes_from_typed(self.data or "")
        if self.minutes is None:
            raise ValidationError(
                f"{self.label.text}: write hours as a number, like 1.5 or 2, or 0."
            )


class CorrectionForm(VersionedForm):
    """The figure that is right, and why."""

    minutes = FigureField("Right figure", description="0 if nothing was due.")
    reason = text(
        "Why",
        most=LONGEST_REASON,
        description="The other school reads it, and so do the network’s auditors.",
        render_kw={"rows": 3},
    )
