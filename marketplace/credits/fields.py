"""The field in which credits are typed."""

from __future__ import annotations

from typing import Any

from wtforms import StringField, ValidationError
from wtforms.widgets import TextInput

from marketplace.credits.formats import minutes_from_typed, typed_credits
from marketplace.credits.rules import refuse_minutes
from marketplace.errors import Refusal
from marketplace.settings import Policy


class CreditsField(StringField):
    """Credits typed as hours ("1.5", "1½", "2:15"); ``minutes`` is their value, or ``None``.

    The form sets ``policy`` before it validates. Where the help is ``free``, they are hours that
    nobody pays for, and are called so.
    """

    widget = TextInput()
    policy = Policy()
    free = False

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.minutes: int | None = None

    def process_data(self, value: Any) -> None:
        """Show ``minutes`` (an int) as typed credits."""
        self.minutes = value if isinstance(value, int) else None
        self.data = typed_credits(value) if isinstance(value, int) else value

    def pre_validate(self, form: Any) -> None:
        """Refuse credits that are not a positive multiple of the step, with an example that is."""
        self.minutes = minutes_from_typed(self.data or "")
        if self.minutes is None:
            raise ValidationError(
                f"{self.label.text}: write hours as a number, like 1.5 or 2 (quarters of an hour)."
            )
        try:
            refuse_minutes(self.minutes, self.policy, free=self.free)
        except Refusal as refusal:
            raise ValidationError(refusal.message) from None


class OptionalCreditsField(CreditsField):
    """Credits that may be left open."""

    def pre_validate(self, form: Any) -> None:
        """Check what is typed, if anything is."""
        self.minutes = None
        if (self.data or "").strip():
            super().pre_validate(form)
