"""Listings as results show them, read from the database by their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.audiences.models import audience_of
from marketplace.clock import today
from marketplace.database import is_one_of
from marketplace.listings.models import Kind, Listing, ListingStatus, ListingTopic
from marketplace.schools.models import LocalAuthority, School
from marketplace.schools.positions import metres_between, position_of
from marketplace.schools.standing import school_mark
from marketplace.search.criteria import SearchResult
from marketplace.term_clock.queries import ask_again_on

WIDTHS = (8, 24)
"""For so many listings there is a statement with a place for each."""
NOBODYS = 0
"""The number of no listing, for the places that are left."""

# Whole listings, with what the session keeps of each, would take longer to make than to read.
_OF_LISTING = (
    *(Listing.id, Listing.kind, Listing.title, Listing.description, Listing.mode, Listing.minutes),
    *(Listing.times_given, Listing.created_at),
    *(Listing.audience, Listing.audience_group_id, Listing.audience_second_group_id),
    *(Listing.audience_miles, Listing.audience_only, Listing.audience_alike),
)
_OF_SCHOOL = (
    *(School.urn, School.name, School.phase, School.town, School.easting, School.northing),
    *(School.status, School.joined_at, School.paused_at, School.left_at),
    School.continued_by_urn,
)


def read_results(
    session: Session,
    listing_ids: Sequence[int],
    position: tuple[int, int] | None,
    may_see: sa.ColumnElement[bool],
) -> list[SearchResult]:
    """Return those of the listings that are open and fit ``may_see``, in the order given."""
    if not listing_ids:
        return []
    width = next((width for width in WIDTHS if len(listing_ids) <= width), 0)
    asked: dict[str, Any] = {"ids": listing_ids}
    if width:
        padded = [*listing_ids, *[NOBODYS] * (width - len(listing_ids))]
        asked = {f"id_{place}": number for place, number in enumerate(padded)}
    rows = session.execute(_by_number(may_see, width), asked)
    by_id = {row.id: _result(row, position) for row in rows}
    return [by_id[listing_id] for listing_id in listing_ids if listing_id in by_id]


def read_latest(
    session: Session,
    limit: int,
    may_see: sa.ColumnElement[bool],
    *,
    of: int | None = None,
    besides: int | None = None,
) -> list[SearchResult]:
    """Return the newest open listings that fit ``may_see`` (which may name ``School``).

    They are those of one school, or of all schools besides one. Each has its topics.
    """
    urn = of if of is not None else besides
    sign = 0 if urn is None else 1 if of is not None else -1
    rows = session.execute(_latest(may_see, sign), {"urn": urn, "most": limit})
    return [
        replace(_result(row, None), topics=tuple(row.topics.split(",") if row.topics else ()))
        for row in rows
    ]


@lru_cache(400)
def _by_number(may_see: sa.ColumnElement[bool], width: int) -> sa.Select[*tuple[Any, ...]]:
    """The listings ``ids``, or ``id_0`` and so on, kept for what was asked last.

    Making it takes longer than to ask. PostgreSQL takes a list of unknown length to be a long one
    and plans for it anew each time; what has a place for each number it plans once.
    """
    is_it = is_one_of(Listing.id, "ids")
    if width:
        places = [sa.bindparam(f"id_{place}", type_=sa.Integer) for place in range(width)]
        is_it = Listing.id.in_(places)
    return _listings().where(is_it, Listing.status == ListingStatus.OPEN, may_see)


@lru_cache(200)
def _latest(may_see: sa.ColumnElement[bool], sign: int) -> sa.Select[*tuple[Any, ...]]:
    """The newest listings; it is kept, too."""
    query = _listings().where(Listing.status == ListingStatus.OPEN, may_see)
    urn: Any = sa.bindparam("urn")
    if sign:
        query = query.where(Listing.school_urn == urn if sign > 0 else Listing.school_urn != urn)
    query = query.order_by(Listing.id.desc()).limit(sa.bindparam("most", type_=sa.Integer))
    return query.add_columns(_topics().label("topics"))


def _listings() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            *_OF_LISTING,
            *_OF_SCHOOL,
            LocalAuthority.name.label("authority"),
            ask_again_on(School.urn).label("ask_again"),
        )
        .join(School, School.urn == Listing.school_urn)
        .join(LocalAuthority, LocalAuthority.code == School.local_authority_code)
    )


def _topics() -> sa.ScalarSelect[str]:
    """The topics of a listing, with commas between."""
    in_order = (
        sa.select(ListingTopic.topic)
        .where(ListingTopic.listing_id == Listing.id)
        .order_by(ListingTopic.topic)
        .correlate(Listing)
        .subquery()
    )
    return sa.select(sa.func.aggregate_strings(in_order.c.topic, ",")).scalar_subquery()


def _result(row: Any, position: tuple[int, int] | None) -> SearchResult:
    return SearchResult(
        id=row.id,
        kind=row.kind,
        title=row.title,
        description=row.description,
        mode=row.mode,
        minutes=row.minutes,
        audience=audience_of(row),
        school_urn=row.urn,
        school_name=row.name,
        school_phase=row.phase,
        town=row.town,
        local_authority=row.authority,
        position=position_of(row),
        metres=metres_between(position_of(row), position),
        mark=school_mark(row),
        times_given=row.times_given,
        created_at=row.created_at,
        ask_again_on=_not_before(row.kind, row.ask_again),
    )


def _not_before(kind: str, ask_again: date | None) -> date | None:
    """The day before which nobody may ask for an offer, if its school said so."""
    is_later = ask_again is not None and ask_again > today()
    return ask_again if is_later and kind == Kind.OFFER else None
