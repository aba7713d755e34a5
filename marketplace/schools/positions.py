"""Where a school is on the National Grid, and how far two places are from each other."""

from __future__ import annotations

import math
from typing import Any


def position_of(school: Any) -> tuple[int, int] | None:
    """Return the easting and northing of what has them, in metres; ``None`` if one is unknown."""
    if school.easting is None or school.northing is None:
        return None
    return school.easting, school.northing


def metres_between(one: tuple[int, int] | None, other: tuple[int, int] | None) -> float | None:
    """Return how many metres are between two positions; ``None`` if one is unknown."""
    return math.dist(one, other) if one is not None and other is not None else None
