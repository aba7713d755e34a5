"""The forms of an exchange's steps."""

from __future__ import annotations

from typing import Any

from marketplace.credits.fields import CreditsField
from marketplace.exchanges.proposals import LONGEST_DETAILS, Terms
from marketplace.exchanges.service import LONGEST_REASON
from marketplace.settings import Policy
from marketplace.web.fields import DayField, text
from marketplace.web.forms import VersionedForm


class StepForm(VersionedForm):
    """A step that is one button."""


class ReasonForm(VersionedForm):
    """A step with a few words why."""

    reason = text("Reason", most=LONGEST_REASON, required=False, render_kw={"rows": 3})


class _WithCredits(VersionedForm):
    minutes: CreditsField

    def __init__(self, policy: Policy, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.minutes.policy = policy


class ProposalForm(_WithCredits):
    """What is to happen, when, and for how many credits."""

    details = text(
        "What will happen",
        most=LONGEST_DETAILS,
        description="Who comes, what they do with whom, and what both schools prepare.",
    )
    minutes = CreditsField(
        "Credits",
        description="Hours of the colleague’s time, like 1.5 or 3: 1 credit is 1 hour.",
    )
    on_date = DayField("Date", description="The day it happens, or begins.")

    def terms(self) -> Terms:
        """Return what was filled in, after validation."""
        assert self.minutes.minutes is not None
        assert self.on_date.data is not None
        return Terms(self.details.data or "", self.minutes.minutes, self.on_date.data)


class DeliveryForm(_WithCredits):
    """The hours and the day of the help as it was delivered."""

    minutes = CreditsField(
        "Credits delivered",
        description="The hours actually given, up to what was agreed.",
    )
    on_date = DayField("Date")
    note = text(
        "A note for the other school (optional)",
        most=LONGEST_REASON,
        required=False,
        render_kw={"rows": 3},
    )
