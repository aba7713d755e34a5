"""Which school came after one that closed, according to the links of the register."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from marketplace.schools.facts import Status, bare_words
from marketplace.schools.register import LinkRow

ENDED = (Status.CLOSED, Status.CLOSING)

# The types of link (as ``bare_words``) that name a successor, best first. The first kind point
# from the old school to the new, the second from the new to the old; those of the third are
# written at both ends alike, so that only the status of the two schools tells which came later.
_SUCCESSORS = (
    "successor",
    "successor merged",
    "successor amalgamated",
    "successor split school",
)
_PREDECESSORS = (
    "predecessor",
    "predecessor merged",
    "predecessor amalgamated",
    "predecessor split school",
)
_EITHER_WAY = (
    "result of amalgamation",
    "merged expansion of school capacity",
    "merged expansion in school capacity and changer in age range",
    "merged change in age range",
)
_EITHER_WAY_RANK = len(_SUCCESSORS)


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """A school that may be a successor; the lowest is the best."""

    rank: int
    age: int
    urn: int


def readings(link: LinkRow) -> Iterator[tuple[int, Candidate]]:
    """Yield each way to read ``link`` as “this old school has that successor”."""
    # The latest link counts most; one without a date is the oldest of all.
    age = -link.established_on.toordinal() if link.established_on else 0
    if link.urn == link.link_urn:
        return
    link_type = bare_words(link.link_type)
    if link_type in _SUCCESSORS:
        rank = _SUCCESSORS.index(link_type)
        yield link.urn, Candidate(rank, age, link.link_urn)
    elif link_type in _PREDECESSORS:
        rank = _PREDECESSORS.index(link_type)
        yield link.link_urn, Candidate(rank, age, link.urn)
    elif link_type in _EITHER_WAY:
        yield link.urn, Candidate(_EITHER_WAY_RANK, age, link.link_urn)
        yield link.link_urn, Candidate(_EITHER_WAY_RANK, age, link.urn)


def choose(
    candidates: dict[int, list[Candidate]], states: dict[int, tuple[str, int | None]]
) -> dict[int, int]:
    """Return one successor for each school that has ended; an open one, if there is any."""

    def stands(candidate: Candidate) -> bool:
        return states[candidate.urn][0] != Status.CLOSED

    successors: dict[int, int] = {}
    for urn in sorted(candidates):
        if urn not in states or states[urn][0] not in ENDED:
            continue
        fitting = [
            candidate
            for candidate in candidates[urn]
            if candidate.urn in states
            and (candidate.rank < _EITHER_WAY_RANK or stands(candidate))
            and not _leads_to(candidate.urn, urn, successors)
        ]
        if fitting:
            successors[urn] = min(
                fitting, key=lambda candidate: (not stands(candidate), candidate)
            ).urn
    return successors


def rivals(
    candidates: dict[int, list[Candidate]], states: dict[int, tuple[str, int | None]]
) -> dict[int, frozenset[int]]:
    """Return the schools that have ended and have several successors, with all of these.

    Only schools that still stand count: one that has closed itself is no rival.
    """
    several: dict[int, frozenset[int]] = {}
    for urn, readings_of_school in candidates.items():
        if urn not in states or states[urn][0] not in ENDED:
            continue
        standing = frozenset(
            candidate.urn
            for candidate in readings_of_school
            if candidate.urn in states and states[candidate.urn][0] not in ENDED
        )
        if len(standing) > 1:
            several[urn] = standing
    return several


def _leads_to(start: int, goal: int, successors: dict[int, int]) -> bool:
    """Say whether following successors from ``start`` ends in ``goal``: that would be a circle."""
    urn: int | None = start
    while urn is not None and urn != goal:
        urn = successors.get(urn)
    return urn == goal
