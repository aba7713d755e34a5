"""The forms of moderation."""

from __future__ import annotations

from marketplace.listings.moderation.models import Decision, ReportReason
from marketplace.listings.moderation.service import LONGEST_TEXT
from marketplace.web.fields import RadioField, options, text
from marketplace.web.forms import Form, VersionedForm

REASON_LABELS = {
    ReportReason.PERSONAL: "It names a pupil, or says something private of a person",
    ReportReason.OFFENSIVE: "It is offensive",
    ReportReason.WRONG: "What it says is not true",
    ReportReason.NOTHING: "It says nothing",
    ReportReason.SELLING: "It sells something, or is not for schools",
    ReportReason.OTHER: "Something else",
}
DECISION_LABELS = {
    Decision.HIDE: "Hide it from other schools",
    Decision.KEEP: "Leave it as it is",
    Decision.RESTORE: "Show it again",
}
DECISION_NAMES = {
    Decision.HIDE: "Hidden",
    Decision.KEEP: "Left as it is",
    Decision.RESTORE: "Shown again",
}


class ReportForm(Form):
    """What is wrong with a listing."""

    reason = RadioField(
        "What is wrong with it?",
        choices=options((one.value, REASON_LABELS[one]) for one in ReportReason),
    )
    text = text(
        "In a few words (optional)",
        most=LONGEST_TEXT,
        required=False,
        description="Only the network’s operator reads it. Do not repeat what should not be read.",
        render_kw={"rows": 3},
    )


class DecisionForm(VersionedForm):
    """What the operator decides about a listing."""

    decision = RadioField("What do you do?")
    reason = text(
        "Why?",
        most=LONGEST_TEXT,
        description="The school that posted it and those who reported it read this.",
        render_kw={"rows": 3},
    )

    def offer(self, *, hidden: bool) -> None:
        """Say what can be decided about a listing that is hidden, or is not."""
        decisions = [Decision.RESTORE] if hidden else [Decision.HIDE, Decision.KEEP]
        self.decision.choices = options((one.value, DECISION_LABELS[one]) for one in decisions)
