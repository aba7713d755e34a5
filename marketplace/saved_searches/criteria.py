"""The criteria of a saved search: out of an address, as they are stored, and in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from marketplace.listings.formats import FORMAT_LABELS
from marketplace.listings.forms import MODE_LABELS
from marketplace.listings.topics import PHASES, current_topics
from marketplace.saved_searches.models import LONGEST_NAME
from marketplace.schools.facts import Phase, SizeBand, UrbanRural
from marketplace.schools.regions import REGIONS
from marketplace.search.criteria import Tab
from marketplace.search.forms import COST_LABELS
from marketplace.search.queries import INDEX_FIELDS

LONGEST_WORDS = 200
MOST_VALUES = 20
FARTHEST = 300
CIRCLES = {"trust": "of our trust", "authority": "of our local authority"}
EVERYTHING = {
    Tab.OFFERS: "Every offer",
    Tab.REQUESTS: "Every request",
    Tab.OURS: "Everything of our own school and trust",
}
"""What a search without words asks for, by its tab."""

_LABELS: dict[str, dict[str, str]] = {
    "phase": PHASES,
    "mode": {mode.value: label for mode, label in MODE_LABELS.items()},
    "format": {one.value: label for one, label in FORMAT_LABELS.items()},
    "cost": COST_LABELS,
    "region": {region: region for region in REGIONS},
    "school": {phase.value: phase.label for phase in Phase},
    "size": {size.value: size.label for size in SizeBand},
    "setting": {setting.value: setting.label for setting in UrbanRural},
}
"""The values of each criterion that can be saved but topics, and how people read them."""


@dataclass(frozen=True, slots=True)
class SavedCriteria:
    """What a saved search asks for; an empty value does not narrow it.

    ``kind`` is the tab of the search page. Offers and requests are those of every school, which the
    own trust's are among; "ours" is both of what the own school and its trust have.

    Of the ``values`` of each criterion a listing must have one. ``position`` is that of ``near``,
    as it was when the search was saved; without one, distances count from the person's own school.
    """

    words: str = ""
    kind: str = Tab.OFFERS.value
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    circle: str = ""
    near: str = ""
    position: tuple[int, int] | None = None
    within_miles: int | None = None

    @classmethod
    def of_address(cls, args: MultiDict[str, str]) -> SavedCriteria:
        """Return the criteria of a search, from its address; what is not known is left out."""
        within = args.get("within", "")
        values = {
            name: tuple(
                dict.fromkeys(value for value in args.getlist(name) if value in _labels(name))
            )[:MOST_VALUES]
            for name in INDEX_FIELDS
            if name == "topic" or name in _LABELS
        }
        kind = args.get("kind", "")
        circle = args.get("circle", "")
        return cls(
            words=" ".join(args.get("q", "")[:LONGEST_WORDS].split()),
            kind=kind if kind in list(Tab) else Tab.OFFERS.value,
            values={name: chosen for name, chosen in values.items() if chosen},
            circle=circle if circle in CIRCLES else "",
            near=" ".join(args.get("near", "")[:LONGEST_NAME].split()),
            within_miles=_miles(within),
        )

    @classmethod
    def restore(cls, stored: dict[str, Any]) -> SavedCriteria:
        """Return the criteria as they were stored."""
        position = stored.get("position")
        return cls(
            words=stored.get("q", ""),
            kind=stored.get("kind", Tab.OFFERS.value),
            values={name: tuple(chosen) for name, chosen in stored.get("values", {}).items()},
            circle=stored.get("circle", ""),
            near=stored.get("near", ""),
            position=(position[0], position[1]) if position else None,
            within_miles=stored.get("within"),
        )

    def stored(self) -> dict[str, Any]:
        """Return the criteria as they are stored."""
        return {
            "q": self.words,
            "kind": self.kind,
            "values": {name: list(chosen) for name, chosen in self.values.items()},
            "circle": self.circle,
            "near": self.near,
            "position": list(self.position) if self.position else None,
            "within": self.within_miles,
        }

    def address(self) -> dict[str, Any]:
        """Return the search as it stands in an address."""
        query: dict[str, Any] = {"q": self.words, **self.values, "circle": self.circle}
        query |= {"near": self.near, "within": self.within_miles}
        if self.kind != Tab.OFFERS:
            query["kind"] = self.kind
        return {name: value for name, value in query.items() if value}

    def in_words(self) -> str:
        """Return what is searched for: “phonics, Key Stage 1, within 10 miles of Leicester”."""
        parts = [self.words or EVERYTHING[Tab(self.kind)]]
        for name, chosen in self.values.items():
            parts.append(" or ".join(_labels(name).get(value, value) for value in chosen))
        if self.words and self.kind == Tab.OURS:
            parts.append("in our own school and trust")
        if self.circle:
            parts.append(CIRCLES[self.circle])
        if self.within_miles is not None:
            parts.append(f"within {self.within_miles} miles of {self.near or 'our school'}")
        elif self.near:
            parts.append(f"near {self.near}")
        said = ", ".join(parts)
        return said if len(said) <= LONGEST_NAME else f"{said[: LONGEST_NAME - 1]}…"


def _labels(name: str) -> dict[str, str]:
    """The values of a criterion; topics may change while the product runs."""
    if name == "topic":
        return {slug: topic.name for slug, topic in current_topics().by_slug.items()}
    return _LABELS[name]


def _miles(text: str) -> int | None:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(FARTHEST))):
        return None
    return int(text) if 0 < int(text) <= FARTHEST else None
