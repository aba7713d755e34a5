"""Small maps of the register's own points: beside results, and of one school."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from marketplace.schools.around import schools_around
from marketplace.search.criteria import SearchResult
from marketplace.search.hourly import for_an_hour
from marketplace.web.formats import METRES_PER_MILE

SIDE = 280
"""The width and height of the drawing, in its own units."""
CELLS = 60
MARGIN = 1.12
REACHES = (4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60)
"""How many miles a map may reach from its middle: hits beyond it are only counted."""
MOST_MILES_OF_SCHOOL = 15
"""How far the map of one school reaches, which every page of a school has."""
RADIUS = 9
"""Of a numbered hit."""
OUR_RADIUS = 5
SPREAD = 24
"""How many places are tried for a hit that would cover another."""
_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


@dataclass(frozen=True, slots=True)
class Dot:
    """A hit on the map, by the number of its row."""

    x: float
    y: float
    number: int
    title: str


@dataclass(frozen=True, slots=True)
class Map:
    """What the drawing shows, in its own units."""

    schools: str
    """The path that draws every school around as a dot."""
    us: tuple[float, float] | None
    middle: tuple[float, float]
    ring: float | None
    """The radius of the circle that was searched."""
    dots: tuple[Dot, ...]
    beyond: int
    """How many hits are farther away than the map reaches."""
    side: int = SIDE
    radius: int = RADIUS
    our_radius: int = OUR_RADIUS


def draw_map(
    session: Session,
    results: Sequence[SearchResult],
    numbers_from: int,
    middle: tuple[int, int],
    ours: tuple[int, int] | None,
    within_miles: int | None,
) -> Map:
    """Draw the results around ``middle`` (easting, northing); the first has ``numbers_from``."""
    square = _Square.around(middle, _reach(results, within_miles))
    us = square.place(ours) if ours is not None else None
    dots: list[Dot] = []
    beyond = 0
    for number, result in enumerate(results, numbers_from):
        spot = square.place(result.position) if result.position is not None else None
        if spot is None:
            beyond += result.position is not None
            continue
        x, y = _free(spot, dots, us)
        dots.append(Dot(x, y, number, f"{number}: {result.title}, {result.school_name}"))
    return Map(
        square.schools(session),
        us,
        square.place(middle) or (SIDE / 2, SIDE / 2),
        within_miles * METRES_PER_MILE * square.scale if within_miles is not None else None,
        tuple(dots),
        beyond,
    )


def draw_school(session: Session, school: tuple[int, int], ours: tuple[int, int] | None) -> Map:
    """Draw the surroundings of one school, with ours where it is not too far away.

    Its own school (both at one place) has the mark of “us”. One statement.
    """
    miles = math.dist(school, ours) * MARGIN / METRES_PER_MILE if ours is not None else 0
    reach = _round_reach(miles) if miles <= MOST_MILES_OF_SCHOOL else _round_reach(0)
    square = _Square.around(school, reach)
    us = square.place(ours) if ours is not None else None
    middle = square.place(school) or (SIDE / 2, SIDE / 2)
    return Map(square.schools(session), us, middle, None, (), 0)


@dataclass(frozen=True, slots=True)
class _Square:
    """The part of the country that a map shows, in metres of the National Grid."""

    west: int
    south: int
    side: int

    @classmethod
    def around(cls, middle: tuple[int, int], reach: float) -> _Square:
        """The square that reaches so many metres from its middle."""
        west, south = max(round(middle[0] - reach), 0), max(round(middle[1] - reach), 0)
        return cls(west, south, 2 * round(reach))

    @property
    def scale(self) -> float:
        """Units of the drawing for a metre."""
        return SIDE / self.side

    def place(self, position: tuple[int, int]) -> tuple[float, float] | None:
        """Where a position is in the drawing; ``None`` if it is outside."""
        x, y = (
            (position[0] - self.west) * self.scale,
            SIDE - (position[1] - self.south) * self.scale,
        )
        return (x, y) if 0 <= x <= SIDE and 0 <= y <= SIDE else None

    def schools(self, session: Session) -> str:
        """The path that draws every school in it; the same for an hour, in one process."""

        def draw() -> str:
            around = schools_around(session, self.west, self.south, self.side, cells=CELLS)
            spots = {(round(x), round(y)) for x, y in filter(None, map(self.place, around))}
            return "".join(f"M{x} {y}h0" for x, y in sorted(spots))

        return for_an_hour(("ground", self.west, self.south, self.side), draw)


def _reach(results: Sequence[SearchResult], within_miles: int | None) -> float:
    """How many metres the map reaches from its middle: to the circle, or else to the hits."""
    if within_miles is not None:
        return within_miles * METRES_PER_MILE * MARGIN
    farthest = max((result.metres or 0 for result in results), default=0)
    return _round_reach(farthest * MARGIN / METRES_PER_MILE)


def _round_reach(miles: float) -> float:
    """The next reach, in metres: maps of the same reach are drawn once."""
    return next((one for one in REACHES if miles <= one), REACHES[-1]) * METRES_PER_MILE


def _free(
    spot: tuple[float, float], taken: Sequence[Dot], us: tuple[float, float] | None
) -> tuple[float, float]:
    """A place at or near the spot where a hit covers neither another nor our school."""
    for step in range(SPREAD):
        # Points of a sunflower: each is a little farther from the middle, in another direction.
        away = RADIUS * 1.1 * math.sqrt(step)
        x = min(max(spot[0] + away * math.cos(step * _GOLDEN_ANGLE), RADIUS), SIDE - RADIUS)
        y = min(max(spot[1] + away * math.sin(step * _GOLDEN_ANGLE), RADIUS), SIDE - RADIUS)
        if us is not None and math.dist((x, y), us) < RADIUS + OUR_RADIUS:
            continue
        if all(math.dist((x, y), (dot.x, dot.y)) >= 2 * RADIUS for dot in taken):
            break
    return round(x, 1), round(y, 1)
