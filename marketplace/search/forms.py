"""The search form; it is sent in the address, so that a search can be bookmarked."""

from __future__ import annotations

from typing import Any

from wtforms import Form as PlainForm
from wtforms import SelectField as AnySelectField
from wtforms import StringField
from wtforms.widgets import HiddenInput

from marketplace.listings.forms import MODE_LABELS
from marketplace.listings.models import Mode
from marketplace.listings.topics import PHASES
from marketplace.schools.facts import Phase, SizeBand, UrbanRural
from marketplace.web.fields import options

REGIONS = (
    "East Midlands",
    "East of England",
    "London",
    "North East",
    "North West",
    "South East",
    "South West",
    "West Midlands",
    "Yorkshire and the Humber",
)
DISTANCES = (5, 10, 20, 50, 100)


class SelectField(AnySelectField):
    """A choice that may be missing from the address: it then has its first value."""

    def pre_validate(self, form: Any) -> None:
        """Use the first choice if the address has none."""
        if self.data is None:
            self.data = next(value for value, *_ in self.iter_choices())
        super().pre_validate(form)


class SearchForm(PlainForm):
    """The words and filters of a search."""

    q = StringField("Words")
    kind = SelectField(
        "Offers or requests", choices=options([("offer", "Offers"), ("request", "Requests")])
    )
    topic = SelectField("Topic")
    phase = SelectField("Phase", choices=options([("", "Any phase"), *PHASES.items()]))
    region = SelectField(
        "Region", choices=options([("", "Any region"), *[(r, r) for r in REGIONS]])
    )
    mode = SelectField(
        "Where", choices=options([("", "Anywhere"), *[(m.value, MODE_LABELS[m]) for m in Mode]])
    )
    circle = SelectField(
        "Whose",
        choices=options(
            [
                ("", "Any school’s"),
                ("trust", "Our trust’s"),
                ("authority", "Our local authority’s"),
            ]
        ),
    )
    school = SelectField(
        "Kind of school", choices=options([("", "Any kind"), *[(p.value, p.label) for p in Phase]])
    )
    size = SelectField(
        "Size of school",
        choices=options([("", "Any size"), *[(s.value, s.label) for s in SizeBand]]),
    )
    setting = SelectField(
        "Town or country",
        choices=options([("", "Both"), *[(s.value, s.label) for s in UrbanRural]]),
    )
    within = SelectField(
        "Distance",
        choices=options(
            [("", "Any distance"), *[(str(d), f"Within {d} miles") for d in DISTANCES]]
        ),
    )
    near = StringField("Near (postcode, town, authority or school)")
    sort = SelectField(
        "Order",
        choices=options(
            [("best", "Best match"), ("nearest", "Nearest first"), ("newest", "Newest first")]
        ),
    )
    exactly = StringField(widget=HiddenInput())


NARROWING = (
    *("topic", "phase", "circle", "region", "school", "size", "setting"),
    *("mode", "within", "near"),
)
"""The fields that narrow a search, in the order of the page."""
