"""The forms of an exchange's steps."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField

from marketplace.credits.fields import CreditsField
from marketplace.exchanges.proposals import LONGEST_DETAILS, Terms
from marketplace.exchanges.service import LONGEST_REASON
from marketplace.settings import Policy
from marketplace.web.fields import DayField, text
from marketplace.web.forms import VersionedForm

FREE, CREDITS = "free", "credits"


class StepForm(VersionedForm):
    """A step that is one button."""


class ReasonForm(VersionedForm):
    """A step with a few words why."""

    reason = text("Reason", most=LONGEST_REASON, required=False, render_kw={"rows": 3})


class _WithCredits(VersionedForm):
    """Credits; where the help is ``free``, hours that nobody pays for."""

    minutes: CreditsField
    words_of_hours: tuple[str, str]
    """The label of the hours of free help, and what is said below it."""

    def __init__(self, policy: Policy, *args: Any, free: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.minutes.policy = policy
        self.minutes.free = free
        if free:
            label, self.minutes.description = self.words_of_hours
            self.minutes.label.text = label


class ProposalForm(_WithCredits):
    """What is to happen, when, and for how many credits.

    ``shown_as`` says whether the page showed it as free, so that nobody proposes for credits what
    they saw as free, or the other way round.
    """

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
    shown_as = HiddenField()
    words_of_hours = (
        "Hours",
        "Hours of the colleague’s time, like 1.5 or 3. Nobody pays for them; they count in the"
        " track records of both schools.",
    )

    def __init__(self, policy: Policy, *args: Any, free: bool = False, **kwargs: Any) -> None:
        super().__init__(policy, *args, free=free, **kwargs)
        self._was_free = self.shown_as.data == FREE
        self.shown_as.data = FREE if free else CREDITS

    def terms(self) -> Terms:
        """Return what was filled in, after validation."""
        assert self.minutes.minutes is not None
        assert self.on_date.data is not None
        return Terms(
            self.details.data or "", self.minutes.minutes, self.on_date.data, free=self._was_free
        )


class DeliveryForm(_WithCredits):
    """The hours and the day of the help as it was delivered."""

    minutes = CreditsField(
        "Credits delivered",
        description="The hours actually given, up to what was agreed.",
    )
    words_of_hours = ("Hours given", "The hours actually given, up to what was agreed.")
    on_date = DayField("Date")
    note = text(
        "A note for the other school (optional)",
        most=LONGEST_REASON,
        required=False,
        render_kw={"rows": 3},
    )
