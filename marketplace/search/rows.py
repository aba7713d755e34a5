"""Listings as results show them, read from the database by their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.clock import today
from marketplace.database import is_one_of
from marketplace.listings.models import Kind, Listing, ListingStatus, ListingTopic
from marketplace.schools.models import LocalAuthority, School
from marketplace.schools.positions import metres_between, position_of
from marketplace.schools.standing import school_mark
from marketplace.search.criteria import SearchResult
from marketplace.term_clock.queries import ask_again_on

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
    rows = session.execute(_by_number(may_see), {"ids": listing_ids})
    by_id = {row[0].id: _result(row, position) for row in rows}
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


@lru_cache(200)
def _by_number(may_see: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
    """The listings ``ids``, kept for what was asked last: making it takes longer than to ask."""
    is_it = is_one_of(Listing.id, "ids")
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
    # A school has many more columns, and a page shows twenty.
    return (
        sa.select(
            Listing,
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
    listing: Listing = row.Listing
    return SearchResult(
        id=listing.id,
        kind=listing.kind,
        title=listing.title,
        description=listing.description,
        mode=listing.mode,
        minutes=listing.minutes,
        audience=listing.seen_by,
        school_urn=row.urn,
        school_name=row.name,
        school_phase=row.phase,
        town=row.town,
        local_authority=row.authority,
        position=position_of(row),
        metres=metres_between(position_of(row), position),
        mark=school_mark(row),
        times_given=listing.times_given,
        created_at=listing.created_at,
        ask_again_on=_not_before(listing, row.ask_again),
    )


def with_topics(session: Session, results: Sequence[SearchResult]) -> list[SearchResult]:
    """Return the same results, each with its topics."""
    if not results:
        return []
    topics: dict[int, list[str]] = {}
    ids = [result.id for result in results]
    for listing_id, topic in session.execute(_topics_of(), {"ids": ids}):
        topics.setdefault(listing_id, []).append(topic)
    return [replace(result, topics=tuple(topics.get(result.id, ()))) for result in results]


def _not_before(listing: Listing, ask_again: date | None) -> date | None:
    """The day before which nobody may ask for an offer, if its school said so."""
    is_later = ask_again is not None and ask_again > today()
    return ask_again if is_later and listing.kind == Kind.OFFER else None


@cache
def _topics_of() -> sa.Select[int, str]:
    """The topics of the listings ``ids``; made once."""
    return (
        sa.select(ListingTopic.listing_id, ListingTopic.topic)
        .where(is_one_of(ListingTopic.listing_id, "ids"))
        .order_by(ListingTopic.topic)
    )
