"""The facts of a school in words, as several pages show them."""

from __future__ import annotations

import math

from marketplace.accounts.actor import Actor
from marketplace.schools.facts import Phase, SizeBand
from marketplace.schools.models import School
from marketplace.web.formats import miles


def phase_label(school: School) -> str | None:
    """Return the school's phase in words, if it is known."""
    return Phase(school.phase).label if school.phase else None


def size_label(school: School) -> str | None:
    """Return the school's size in words, if it is known."""
    return SizeBand(school.size_band).label if school.size_band else None


def position_of(school: School) -> tuple[int, int] | None:
    """Return the easting and northing of the school, if the register has them."""
    if school.easting is None or school.northing is None:
        return None
    return school.easting, school.northing


def distance_to(school: School, actor: Actor) -> str | None:
    """Return how far the school is from the actor's, if both positions are known."""
    position = position_of(school)
    if actor.position is None or position is None or school.urn == actor.urn:
        return None
    return miles(math.dist(actor.position, position))
