"""The forms of saved searches."""

from __future__ import annotations

from marketplace.saved_searches.models import LONGEST_NAME, MOST_AT_ONCE_A_DAY, AlertFrequency
from marketplace.web.fields import RadioField, line, options
from marketplace.web.forms import Form, VersionedForm

FREQUENCY_LABELS: dict[AlertFrequency, str] = {
    AlertFrequency.AT_ONCE: (f"At once: within minutes, at most {MOST_AT_ONCE_A_DAY} times a day"),
    AlertFrequency.DAILY: "Once a day, in the morning",
    AlertFrequency.WEEKLY: "Once a week, on Monday morning",
    AlertFrequency.OFF: "Not at all: only keep the search",
}


def _frequency() -> RadioField:
    return RadioField(
        "When shall we tell you of new ones?",
        choices=options((one.value, FREQUENCY_LABELS[one]) for one in AlertFrequency),
        description="Each listing is told once. Every e-mail has a link that ends it.",
    )


class SaveForm(Form):
    """A search that is saved."""

    name = line("Name", most=LONGEST_NAME, description="How it is called in your list.")
    frequency = _frequency()


class ChangeForm(VersionedForm):
    """The name of a saved search, and when it tells."""

    name = line("Name", most=LONGEST_NAME)
    frequency = _frequency()
