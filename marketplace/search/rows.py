"""Listings as results show them, read from the database by their numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.clock import today
from marketplace.listings.models import Kind, Listing, ListingStatus, ListingTopic
from marketplace.schools.models import LocalAuthority, School
from marketplace.schools.standing import school_mark
from marketplace.search.criteria import SearchResult
from marketplace.term_clock.queries import ask_again_on


def read_results(
    session: Session,
    listing_ids: Sequence[int],
    position: tuple[int, int] | None,
    *conditions: sa.ColumnElement[bool],
) -> list[SearchResult]:
    """Return those of the listings that are open and fit ``conditions``, in the order given."""
    if not listing_ids:
        return []
    rows = session.execute(
        sa.select(Listing, School, LocalAuthority.name, ask_again_on(School.urn))
        .join(School, School.urn == Listing.school_urn)
        .join(LocalAuthority, LocalAuthority.code == School.local_authority_code)
        .where(Listing.id.in_(listing_ids), Listing.status == ListingStatus.OPEN, *conditions)
    ).all()
    by_id = {
        listing.id: SearchResult(
            id=listing.id,
            kind=listing.kind,
            title=listing.title,
            description=listing.description,
            mode=listing.mode,
            minutes=listing.minutes,
            audience=listing.seen_by,
            school_urn=school.urn,
            school_name=school.name,
            school_phase=school.phase,
            town=school.town,
            local_authority=authority,
            position=_position(school),
            metres=_metres(school, position),
            mark=school_mark(school),
            ask_again_on=_not_before(listing, ask_again),
        )
        for listing, school, authority, ask_again in rows
    }
    return [by_id[listing_id] for listing_id in listing_ids if listing_id in by_id]


def with_topics(session: Session, results: Sequence[SearchResult]) -> list[SearchResult]:
    """Return the same results, each with its topics."""
    if not results:
        return []
    topics: dict[int, list[str]] = {}
    for listing_id, topic in session.execute(
        sa.select(ListingTopic.listing_id, ListingTopic.topic)
        .where(ListingTopic.listing_id.in_([result.id for result in results]))
        .order_by(ListingTopic.topic)
    ):
        topics.setdefault(listing_id, []).append(topic)
    return [replace(result, topics=tuple(topics.get(result.id, ()))) for result in results]


def _not_before(listing: Listing, ask_again: date | None) -> date | None:
    """The day before which nobody may ask for an offer, if its school said so."""
    is_later = ask_again is not None and ask_again > today()
    return ask_again if is_later and listing.kind == Kind.OFFER else None


def _position(school: School) -> tuple[int, int] | None:
    if school.easting is None or school.northing is None:
        return None
    return school.easting, school.northing


def _metres(school: School, position: tuple[int, int] | None) -> float | None:
    here = _position(school)
    return math.dist(here, position) if here is not None and position is not None else None
