"""Who is within a distance, as the engine can be asked for it: an octagon without its corners."""

from __future__ import annotations

import math

import sqlalchemy as sa
from sqlalchemy.orm import Session
from tantivy import Occur

from marketplace.schools.models import School
from marketplace.search.filters import Circle
from marketplace.search.index.asking import between, box, one_by_one
from marketplace.search.index.cells import cells_around
from marketplace.web.formats import METRES_PER_MILE


def within(session: Session, position: tuple[int, int], miles: int) -> Circle:
    """Return the conditions that a listing is of a school within a distance.

    The engine finds what is in the cells around, and looks at the octagon around the circle only
    for what else fits. The schools in the octagon’s corners are few, and the database names them.
    """
    metres = math.floor(miles * METRES_PER_MILE)
    east, north = position
    aslant = math.ceil(metres * math.sqrt(2))
    # Pythagoras on the National Grid: true to a part in a thousand within England.
    east_of = sa.cast(School.easting, sa.BigInteger) - east
    north_of = sa.cast(School.northing, sa.BigInteger) - north
    in_corners = session.scalars(
        sa.select(School.urn).where(
            School.easting.between(east - metres, east + metres),
            School.northing.between(north - metres, north + metres),
            (east_of + north_of).between(-aslant, aslant),
            (east_of - north_of).between(-aslant, aslant),
            east_of * east_of + north_of * north_of > metres * metres,
            School.joined_at.is_not(None),
        )
    ).all()
    parts = box(position, metres)
    for name, middle in (("to_north_east", east + north), ("to_south_east", east - north)):
        parts.append((Occur.Must, between(name, middle - aslant, middle + aslant)))
    if in_corners:
        parts.append((Occur.MustNot, one_by_one("urn", in_corners)))
    return Circle(cells_around(position, metres), tuple(parts))
