"""The fields of a listing's details: one half of the form, whose other half is its content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import SelectField, SelectMultipleField

from marketplace.calendar.half_terms import HalfTerm
from marketplace.credits.fields import OptionalCreditsField
from marketplace.listings.detail_models import Met
from marketplace.listings.details import (
    LONGEST_NAMES,
    LONGEST_TRIED,
    MOST_AT_ONCE,
    MOST_PEOPLE,
    Details,
)
from marketplace.listings.formats import DURATIONS, FORMAT_LABELS, WEEKDAYS
from marketplace.web.fields import (
    OptionalDayField,
    RadioField,
    WholeNumberField,
    line,
    options,
    text,
)
from marketplace.web.formats import short_day
from marketplace.web.forms import Form

MET_LABELS = {Met.NOT: "Not yet", Met.PART: "In part", Met.FULLY: "Yes, all of it"}


class DetailFields(Form):
    """What a listing says besides its text; all of it may be left open."""

    format = SelectField(
        "What kind of help is it?",
        choices=options(
            [("", "Not said"), *((one.value, label) for one, label in FORMAT_LABELS.items())]
        ),
    )
    duration = SelectField(
        "How long does one time take?",
        choices=options(
            [("", "Not said"), *((str(minutes), label) for minutes, label in DURATIONS.items())]
        ),
    )
    capacity = WholeNumberField(
        "For how many people at once?",
        least=1,
        most=MOST_AT_ONCE,
        description="Leave it empty if it does not matter.",
        render_kw={"inputmode": "numeric"},
    )
    delivered_by = line(
        "Who gives it?",
        most=LONGEST_NAMES,
        required=False,
        description="The role is enough, like “our English lead”; or a name that you may give.",
    )
    people = SelectMultipleField(
        "Colleagues who give it",
        description=f"At most {MOST_PEOPLE}. Only those are listed here who agreed, in their"
        " account, that other schools see their name.",
        coerce=int,
    )
    weekdays = SelectMultipleField(
        "On which days?",
        choices=options((str(number), day) for number, day in enumerate(WEEKDAYS)),
        description="Tick none if any day will do.",
    )
    half_terms = SelectMultipleField(
        "In which half-terms?", description="Tick none if it does not matter."
    )
    expires_on = OptionalDayField(
        "Last day",
        description="We remind you two weeks before, and one press renews it. Leave it empty, and"
        " it stands until you withdraw it.",
    )
    for_whom = line(
        "Whom is it for?",
        most=LONGEST_NAMES,
        required=False,
        description="Like “two new Year 1 teachers” or “a class of 28 with six pupils on plans”.",
    )
    tried = text(
        "What have you tried?",
        most=LONGEST_TRIED,
        required=False,
        description="A few words, so that nobody offers you what did not work.",
        render_kw={"rows": 3},
    )
    needed_by = OptionalDayField("Needed by", description="Leave it empty if it is not urgent.")
    budget = OptionalCreditsField(
        "At most how many credits?",
        description="What you can give in all, if that is more or less than above.",
    )

    def offer_choices(self, half_terms: Sequence[HalfTerm], people: Mapping[int, str]) -> None:
        """Say which half-terms and which colleagues can be chosen."""
        self.half_terms.choices = options(
            (
                one.key,
                f"{one.name} ({short_day(one.starts_on)} to {short_day(one.ends_on)}"
                f"{', we think' if one.guessed else ''})",
            )
            for one in half_terms
        )
        self.people.choices = options((str(number), name) for number, name in people.items())
        if not self.is_submitted():
            keys = {one.key for one in half_terms}
            self.half_terms.data = [key for key in self.half_terms.data or () if key in keys]
            self.people.data = [one for one in self.people.data or () if one in people]

    def details(self) -> Details:
        """Return what was filled in, after validation."""
        return Details(
            format=self.format.data or None,
            duration_minutes=int(self.duration.data) if self.duration.data else None,
            capacity=self.capacity.number,
            delivered_by=self.delivered_by.data or "",
            people=tuple(self.people.data or ()),
            weekdays=tuple(int(day) for day in self.weekdays.data or ()),
            half_terms=tuple(self.half_terms.data or ()),
            expires_on=self.expires_on.data,
            for_whom=self.for_whom.data or "",
            tried=self.tried.data or "",
            needed_by=self.needed_by.data,
            budget_minutes=self.budget.minutes,
        )


class MetForm(Form):
    """How far a request has been met, and by whom."""

    met = RadioField(
        "Has it been met?", choices=options((one.value, MET_LABELS[one]) for one in Met)
    )
    met_by = line(
        "By whom?",
        most=LONGEST_NAMES,
        required=False,
        description="The school, or whoever helped. Only those who see this request read it.",
    )


def values_of_details(details: Details) -> dict[str, Any]:
    """Return details as the form's data, to change them."""
    return {
        "format": details.format or "",
        "duration": str(details.duration_minutes or ""),
        "capacity": details.capacity,
        "delivered_by": details.delivered_by,
        "people": list(details.people),
        "weekdays": [str(day) for day in details.weekdays],
        "half_terms": list(details.half_terms),
        "expires_on": details.expires_on,
        "for_whom": details.for_whom,
        "tried": details.tried,
        "needed_by": details.needed_by,
        "budget": details.budget_minutes,
    }
