"""Who is within a distance, as the engine can be asked for it: a square without its corners."""

from __future__ import annotations

import math

import sqlalchemy as sa
from sqlalchemy.orm import Session
from tantivy import Occur, Query

from marketplace.schools.models import School
from marketplace.search.index.asking import box
from marketplace.search.index.fields import schema
from marketplace.web.formats import METRES_PER_MILE


def within(session: Session, position: tuple[int, int], miles: int) -> Query:
    """Return the query for listings of schools within a distance.

    A square costs the engine nearly nothing. The schools in its corners are fewer than those in the
    circle, and the database names them.
    """
    metres = math.floor(miles * METRES_PER_MILE)
    east, north = position
    # Pythagoras on the National Grid: true to a part in a thousand within England.
    east_of = sa.cast(School.easting, sa.BigInteger) - east
    north_of = sa.cast(School.northing, sa.BigInteger) - north
    in_corners = session.scalars(
        sa.select(School.urn).where(
            School.easting.between(east - metres, east + metres),
            School.northing.between(north - metres, north + metres),
            east_of * east_of + north_of * north_of > metres * metres,
            School.joined_at.is_not(None),
        )
    ).all()
    parts = box(position, metres)
    if in_corners:
        parts.append((Occur.MustNot, Query.term_set_query(schema(), "urn", list(in_corners))))
    return Query.boolean_query(parts)
