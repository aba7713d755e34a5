"""The fields in which kinds of adjustments take amounts and limits."""

from __future__ import annotations

from typing import Any

from wtforms import StringField, ValidationError

from marketplace.credits.formats import minutes_from_typed, typed_credits

MOST = 10_000 * 60
"""The most minutes that one adjustment may name: ten thousand credits."""


class AmountField(StringField):
    """Credits typed as hours, in whole minutes; ``minutes`` is their value, or ``None``.

    It takes any whole minute, not only what can be exchanged: what went wrong may be of any size.
    """

    least = 1
    required = True

    def __init__(self, label: str, *, least: int = 1, required: bool = True, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.least, self.required = least, required
        self.minutes: int | None = None

    def process_data(self, value: Any) -> None:
        """Show ``minutes`` (an int) as typed credits."""
        self.minutes = value if isinstance(value, int) else None
        self.data = typed_credits(value) if isinstance(value, int) else value

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no number of credits, too small or too large."""
        self.minutes = None
        if not (self.data or "").strip() and not self.required:
            return
        minutes = minutes_from_typed(self.data or "")
        if minutes is None:
            raise ValidationError(
                f"{self.label.text}: write hours as a number, like 1.5, 2 or 1:20."
            )
        if minutes < self.least:
            least = "more than zero" if self.least == 1 else "zero or more"
            raise ValidationError(f"{self.label.text}: write {least}.")
        if minutes > MOST:
            raise ValidationError(f"{self.label.text}: write at most {MOST // 60:,}.")
        self.minutes = minutes
