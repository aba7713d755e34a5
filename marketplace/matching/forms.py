"""The form that asks several schools at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import SelectMultipleField, ValidationError

from marketplace.conversations.service import LONGEST_MESSAGE
from marketplace.matching.service import MOST_ASKED
from marketplace.web.fields import text
from marketplace.web.forms import Form

NOT_ANY_MORE = (
    "Not all that you ticked can be asked any more. Look at what is ticked now, and send it again."
)


class AskForm(Form):
    """Which schools are asked, and what is written to each of them."""

    listings = SelectMultipleField("Schools", coerce=str, validate_choice=False)
    body = text(
        "Your message",
        most=LONGEST_MESSAGE,
        description="Each school gets it in a conversation of its own, and sees no other school.",
    )

    def __init__(self, numbers: Sequence[int], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.listings.choices = [(str(number), str(number)) for number in numbers]

    def validate_listings(self, field: SelectMultipleField) -> None:
        """Refuse none, and what cannot be chosen any more; the verb refuses too many."""
        if not field.data:
            raise ValidationError(f"Choose one to {MOST_ASKED} schools.")
        known = {value for value, *_ in field.iter_choices()}
        if not known.issuperset(field.data):
            field.data = [value for value in field.data if value in known]
            raise ValidationError(NOT_ANY_MORE)

    def chosen(self) -> list[int]:
        """Return the numbers of the listings that were chosen."""
        return [int(number) for number in self.listings.data or ()]
