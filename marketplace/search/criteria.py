"""The criteria of a search, and its results."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from marketplace.audiences.audience import Audience
from marketplace.schools.standing import SchoolMark
from marketplace.search.understanding import Understood
from marketplace.web.paging import Page


@dataclass(frozen=True, slots=True)
class SearchCriteria:
    """The criteria of a search; an empty value does not narrow it.

    ``position`` is (easting, northing).

    ``circle`` is "trust" or "authority": only schools that share it with the one acted for.
    ``school``, ``size`` and ``setting`` are values of the register's facts.

    ``sort`` is "best", "nearest" or "newest"; what cannot be done falls back to newest.
    """

    words: str = ""
    kind: str = ""
    topic: str = ""
    phase: str = ""
    region: str = ""
    circle: str = ""
    school: str = ""
    size: str = ""
    setting: str = ""
    mode: str = ""
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
    town: str | None
    local_authority: str
    metres: float | None
    topics: tuple[str, ...]
    mark: SchoolMark | None = None
    has_room: bool = False
    """Whether it stands before others that fit about equally because its school has more room."""


@dataclass(frozen=True, slots=True)
class SearchResults:
    """A page of results.

    What is about the search as a whole (``count`` and all after it) is known on the first page
    only. ``with_all`` is how many have all the words, where the others have some of them.
    ``facets`` has by field how many listings have each value, whatever its own filter is, and
    ``widenings`` by criterion how many there would be without it, where there are none with it.
    """

    page: Page[SearchResult]
    count: int | None
    understood: Understood
    with_all: int | None = None
    facets: dict[str, Counter[str]] = field(default_factory=dict)
    widenings: dict[str, int] = field(default_factory=dict)
