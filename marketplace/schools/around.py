"""Where schools are around a place, coarse enough for a small map."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.schools.facts import Status
from marketplace.schools.models import School

THINNED_METRES = 25_000
"""Of a square twice as wide, every second school counts; of a wider one, fewer."""
CLOSE_METRES = 60_000
"""Of a wider square, schools that have closed count as well: the index then answers alone."""


def schools_around(
    session: Session, west: int, south: int, side: int, *, cells: int
) -> list[tuple[int, int]]:
    """Return about where there are schools in a square, as easting and northing.

    Of each cell of the square, ``cells`` times ``cells``, there is one at most; ``side`` is in
    metres.
    """
    size = max(side // cells, 1)
    column = sa.cast(School.easting - west, sa.Integer).op("/")(size)
    row = sa.cast(School.northing - south, sa.Integer).op("/")(size)
    # Both are positive whole numbers within the square, so both databases cut them off alike.
    query = sa.select(sa.func.min(School.easting), sa.func.min(School.northing)).where(
        School.easting.between(west, west + size * cells - 1),
        School.northing.between(south, south + size * cells - 1),
    )
    if (every := side // THINNED_METRES) > 1:
        query = query.where(School.urn % every == 0)
    if side <= CLOSE_METRES:
        query = query.where(School.status != Status.CLOSED)
    rows = session.execute(query.group_by(column, row)).all()
    return [(east, north) for east, north in rows if east is not None and north is not None]
