"""The map beside results: the register's own points, the school, the circle, the hits."""

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
    reach = _reach(results, within_miles)
    west, south = max(round(middle[0] - reach), 0), max(round(middle[1] - reach), 0)
    side = 2 * round(reach)
    scale = SIDE / side

    def place(position: tuple[int, int]) -> tuple[float, float] | None:
        x, y = (position[0] - west) * scale, SIDE - (position[1] - south) * scale
        return (x, y) if 0 <= x <= SIDE and 0 <= y <= SIDE else None

    us = place(ours) if ours is not None else None
    dots: list[Dot] = []
    beyond = 0
    for number, result in enumerate(results, numbers_from):
        spot = place(result.position) if result.position is not None else None
        if spot is None:
            beyond += result.position is not None
            continue
        x, y = _free(spot, dots, us)
        dots.append(Dot(x, y, number, f"{number}: {result.title}, {result.school_name}"))
    return Map(
        _ground(session, west, south, side),
        us,
        place(middle) or (SIDE / 2, SIDE / 2),
        within_miles * METRES_PER_MILE * scale if within_miles is not None else None,
        tuple(dots),
        beyond,
    )


def _ground(session: Session, west: int, south: int, side: int) -> str:
    """The path that draws every school in a square; the same for an hour, in one process."""

    def draw() -> str:
        scale = SIDE / side
        spots = {
            (round((east - west) * scale), round(SIDE - (north - south) * scale))
            for east, north in schools_around(session, west, south, side, cells=CELLS)
        }
        return "".join(f"M{x} {y}h0" for x, y in sorted(spots))

    return for_an_hour(("ground", west, south, side), draw)


def _reach(results: Sequence[SearchResult], within_miles: int | None) -> float:
    """How many metres the map reaches from its middle: to the circle, or else to the hits."""
    if within_miles is not None:
        return within_miles * METRES_PER_MILE * MARGIN
    farthest = max((result.metres or 0 for result in results), default=0)
    miles = farthest * MARGIN / METRES_PER_MILE
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
