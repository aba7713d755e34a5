"""The search form; it is sent in the address, so that a search can be bookmarked."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from wtforms import Form as PlainForm
from wtforms import SelectField as AnySelectField
from wtforms import SelectMultipleField as AnySelectMultipleField
from wtforms import StringField
from wtforms.widgets import HiddenInput

from marketplace.listings.formats import FORMAT_LABELS, Format
from marketplace.listings.forms import MODE_LABELS
from marketplace.listings.models import Mode
from marketplace.listings.topics import PHASES, Topics, current_topics
from marketplace.schools.facts import Phase, SizeBand, UrbanRural
from marketplace.schools.regions import REGIONS
from marketplace.search.criteria import Tab
from marketplace.web.fields import options

DISTANCES = (5, 10, 20, 50, 100)
LONGEST_WORDS = 200
COST_LABELS = {
    "60": "Up to 1 credit",
    "120": "Up to 2 credits",
    "180": "Up to half a day",
    "360": "Up to a day",
}
"""What help costs at most, by its minutes (see ``index.fields.COSTS``)."""


class SelectField(AnySelectField):
    """A choice that may be missing from the address: it then has its first value."""

    def pre_validate(self, form: Any) -> None:
        """Use the first choice if the address has none."""
        if self.data is None:
            self.data = next(value for value, *_ in self.iter_choices())
        super().pre_validate(form)


class SeveralField(AnySelectMultipleField):
    """Several choices, each in the address by itself; an empty one is none.

    ``unknown`` says whether the address had others, which are left out.
    """

    unknown = False

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep each value once."""
        known = {value for value, *_ in self.iter_choices()}
        typed = dict.fromkeys(value for value in valuelist if value)
        self.data = [value for value in typed if value in known]
        self.unknown = len(self.data) < len(typed)


class SearchForm(PlainForm):
    """The words and filters of a search."""

    q = StringField("What")
    kind = SelectField(
        "Offers or requests",
        choices=options(
            [
                (Tab.OFFERS.value, "Offers"),
                (Tab.REQUESTS.value, "Who needs us"),
                (Tab.OURS.value, "Our school and trust"),
            ]
        ),
    )
    topic = SeveralField("Topic")
    phase = SeveralField("Phase", choices=options(PHASES.items()))
    mode = SeveralField("Where", choices=options([(m.value, MODE_LABELS[m]) for m in Mode]))
    format = SeveralField(
        "Kind of help", choices=options([(one.value, FORMAT_LABELS[one]) for one in Format])
    )
    cost = SeveralField("Costs", choices=options(COST_LABELS.items()))
    region = SeveralField("Region", choices=options([(region, region) for region in REGIONS]))
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
    school = SeveralField("Kind of school", choices=options([(p.value, p.label) for p in Phase]))
    size = SeveralField("Size of school", choices=options([(s.value, s.label) for s in SizeBand]))
    setting = SeveralField(
        "Town or country", choices=options([(s.value, s.label) for s in UrbanRural])
    )
    near = StringField("Near (postcode, town, authority, region or school)")
    within = SelectField(
        "Within",
        choices=options([("", "Any distance"), *[(str(d), f"{d} miles") for d in DISTANCES]]),
    )
    sort = SelectField(
        "Order",
        choices=options(
            [
                ("best", "best fit"),
                ("nearest", "nearest"),
                ("newest", "newest"),
                ("soonest", "soonest free"),
            ]
        ),
    )
    exactly = StringField(widget=HiddenInput())

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read the values of the fields; topics are those that there are now."""
        self.topic.choices = _topic_choices(current_topics())
        super().process(*args, **kwargs)


FACETS = ("topic", "phase", "mode", "format", "cost", "region", "school", "size", "setting")
"""The fields beside the results: several values each, with counts; in the order of the page."""
NARROWING = (*FACETS, "circle", "within", "near")
"""The fields that narrow a search, in the order of the page."""


def topics_chosen(values: list[str]) -> tuple[str, ...]:
    """Return the topics among ``values``, and those of the groups among them.

    A retired topic also finds what has the topic that it leads to.
    """
    chosen: dict[str, None] = {}
    known = current_topics()
    for value in values:
        if value in known.groups:
            chosen.update(dict.fromkeys(topic.slug for topic in known.in_group(value)))
        else:
            chosen.update(dict.fromkeys((value, known.led_to(value))))
    return tuple(chosen)


@lru_cache(maxsize=4)
def _topic_choices(known: Topics) -> list[Any]:
    """What can be asked for: topics, the retired ones too, and groups as a whole."""
    return options(
        [
            *((slug, topic.name) for slug, topic in known.by_slug.items()),
            *((slug, f"All of {name}") for slug, name in known.groups.items()),
        ]
    )
