"""The criteria of a search, and its results."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.schools.standing import SchoolMark
from marketplace.web.paging import Page

COUNT_AT_MOST = 1000


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
    audience: str
    school_urn: int
    school_name: str
    town: str | None
    local_authority: str
    metres: float | None
    topics: tuple[str, ...]
    mark: SchoolMark | None = None


@dataclass(frozen=True, slots=True)
class SearchResults:
    """A page of results.

    ``count`` is known on the first page only, and never counts beyond ``COUNT_AT_MOST`` + 1.
    """

    page: Page[SearchResult]
    count: int | None
