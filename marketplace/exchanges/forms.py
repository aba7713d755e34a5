"""The forms of an exchange's steps."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField

from marketplace.exchanges.proposals import LONGEST_DETAILS, Terms
from marketplace.exchanges.service import LONGEST_REASON
from marketplace.settings import Policy
from marketplace.web.forms import CreditsField, DayField, Form, text


class _Step(Form):
    """A step on an exchange as the person saw it: ``version`` finds out who was first."""

    version = HiddenField()

    @property
    def seen_version(self) -> int:
        """The version of the exchange that the page showed; 0 if the form does not say."""
        typed = (self.version.raw_data or [""])[0]
        return int(typed) if typed.isdecimal() and len(typed) < 10 else 0


class StepForm(_Step):
    """A step that is one button."""


class ReasonForm(_Step):
    """A step with a few words why."""

    reason = text("Reason", most=LONGEST_REASON, required=False, render_kw={"rows": 3})


class _WithCredits(_Step):
    minutes: CreditsField

    def __init__(self, policy: Policy, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.minutes.step = policy.smallest_step
        self.minutes.longest = policy.longest_exchange


class ProposalForm(_WithCredits):
    """What is to happen, when, and for how many credits."""

    details = text(
        "What will happen",
        most=LONGEST_DETAILS,
        description="Who comes, what they do with whom, and what both schools prepare.",
    )
    minutes = CreditsField(
        "Credits",
        step=15,
        longest=6000,
        description="Hours of the colleague’s time, like 1.5 or 3: 1 credit is 1 hour.",
    )
    on_date = DayField("Date", description="The day it happens, or begins.")

    def terms(self) -> Terms:
        """What was filled in, after validation."""
        assert self.minutes.minutes is not None
        assert self.on_date.data is not None
        return Terms(self.details.data or "", self.minutes.minutes, self.on_date.data)


class DeliveryForm(_WithCredits):
    """What was given in fact."""

    minutes = CreditsField(
        "Credits delivered",
        step=15,
        longest=6000,
        description="The hours actually given, up to what was agreed.",
    )
    on_date = DayField("Date")
    note = text(
        "A note for the other school (optional)",
        most=LONGEST_REASON,
        required=False,
        render_kw={"rows": 3},
    )
