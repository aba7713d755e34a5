"""The form of the term clock."""

from __future__ import annotations

from typing import Any

from wtforms import SelectField

from marketplace.term_clock.models import Answer
from marketplace.term_clock.service import when_to_ask_again
from marketplace.web.fields import RadioField, options
from marketplace.web.formats import day
from marketplace.web.forms import Form

ANSWER_LABELS = {
    Answer.YES: "Yes",
    Answer.MAYBE: "Maybe, ask us",
    Answer.NO: "Not now",
}


class TermClockForm(Form):
    """Whether the school has hours to give, and when to ask again."""

    answer = RadioField(
        "Do you have hours to give in this half-term?",
        choices=options((one.value, ANSWER_LABELS[one]) for one in Answer),
    )
    ask_again = SelectField(
        "If not now: ask us again in",
        description="Until then no school can ask yours for help or propose it. What is agreed"
        " goes on, and your own requests are not touched.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask_again.choices = options(
            (one.key, f"{one.name} (from {day(one.starts_on)})") for one in when_to_ask_again()
        )
