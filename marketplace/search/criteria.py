"""The criteria of a search, and its results."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from marketplace.audiences.audience import Audience
from marketplace.schools.places import Place
from marketplace.schools.standing import SchoolMark
from marketplace.search.filters import Whose
from marketplace.search.understanding import Understood
from marketplace.web.paging import Page


class Tab(StrEnum):
    """What a search is among: the two kinds of other schools, or one's own school and trust."""

    OFFERS = "offer"
    REQUESTS = "request"
    OURS = "ours"


@dataclass(frozen=True, slots=True)
class SearchCriteria:
    """The criteria of a search; an empty value does not narrow it.

    Of several values of one criterion, any may fit. ``topic`` has slugs of topics, ``school``,
    ``size`` and ``setting`` values of the register's facts. ``position`` is (easting, northing).

    ``circle`` is "trust" or "authority": only schools that share it with the one acted for.

    ``cost`` has amounts in minutes, of which the greatest is the most that help may cost.

    ``sort`` is "best", "nearest", "newest" or "soonest"; what cannot be done falls back to newest.
    """

    words: str = ""
    kind: str = ""
    whose: Whose = Whose.ANYBODY
    topic: tuple[str, ...] = ()
    phase: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    circle: str = ""
    school: tuple[str, ...] = ()
    size: tuple[str, ...] = ()
    setting: tuple[str, ...] = ()
    mode: tuple[str, ...] = ()
    format: tuple[str, ...] = ()
    cost: tuple[str, ...] = ()
    position: tuple[int, int] | None = None
    within_miles: int | None = None
    sort: str = "best"
    exactly: bool = False
    """Whether no word is to be taken for a slip."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One listing as a result shows it.

    ``metres`` is the distance from the position searched from, if both are known.
    """

    id: int
    kind: str
    title: str
    description: str
    mode: str
    minutes: int
    audience: Audience
    school_urn: int
    school_name: str
    school_phase: str | None
    town: str | None
    local_authority: str
    position: tuple[int, int] | None
    metres: float | None
    topics: tuple[str, ...] = ()
    mark: SchoolMark | None = None
    has_room: bool = False
    """Whether it stands before others that fit about equally because its school has more room."""
    free_on: date | None = None
    """The first day on which it can be had, where that is known."""
    times_given: int = 0
    """How often an offer was given."""
    created_at: datetime | None = None
    """When it was posted."""
    ask_again_on: date | None = None
    """The day before which nobody may ask for it, because its school said not now."""


@dataclass(frozen=True, slots=True)
class NearestTopic:
    """A topic to look at instead: how many listings it has, and of how many schools near.

    ``meant`` says whether the words may mean it; else it is only one of the commonest.
    """

    topic: str
    count: int
    schools: int
    meant: bool


@dataclass(frozen=True, slots=True)
class DeadEnd:
    """What there is where nothing fits.

    ``widenings`` has by criterion how many there would be without it, and ``without_any`` how many
    without all of them.
    """

    widenings: dict[str, int]
    without_any: int
    topics: tuple[NearestTopic, ...]


@dataclass(frozen=True, slots=True)
class SearchResults:
    """A page of results.

    ``start`` is how many come before it. ``with_all`` is how many have all the words, where the
    others have some of them. ``facets`` has by field how many listings have each value, whatever
    its own filter is; ``tabs`` how many there are beside these. ``examples`` are a few of what the
    school acted for and its trust have themselves.
    """

    page: Page[SearchResult]
    start: int
    count: int
    understood: Understood
    position: tuple[int, int] | None = None
    """From where distances are."""
    sort: str = "newest"
    """In what order they are."""
    with_all: int | None = None
    facets: dict[str, Counter[str]] = field(default_factory=dict)
    tabs: dict[Tab, int] = field(default_factory=dict)
    of_authority: int = 0
    examples: list[SearchResult] = field(default_factory=list)
    topics: tuple[str, ...] = ()
    """The topics that were chosen, or else those that the words mean."""
    dead_end: DeadEnd | None = None

    @property
    def place_in_words(self) -> Place | None:
        """The place that the words name, from which the distances then are."""
        return self.understood.around or self.understood.near

    def can_sort(self, sort: str) -> bool:
        """Say whether they can be in this order: it needs words, or a position.

        Where the words name a place, the nearest to it come first.
        """
        needed = {
            "best": bool(self.understood.typed) and self.place_in_words is None,
            "nearest": self.position is not None,
        }
        return needed.get(sort, True)
