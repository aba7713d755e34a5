"""Reading listings: one by its number, a school's own, and counts."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from marketplace.accounts.actor import Actor
from marketplace.audiences.queries import visible_to, visible_to_others
from marketplace.errors import NotFound
from marketplace.listings.models import Listing, ListingStatus, ListingTopic
from marketplace.listings.public import PublicCriteria
from marketplace.schools.models import School
from marketplace.web.paging import Page, paginate

PAGE = 30


def get_listing(session: Session, listing_id: int, actor: Actor) -> Listing:
    """Return the listing, with its school, topics and phases.

    Raises:
        NotFound: if there is none, or ``actor`` is not among those it is for.
    """
    listing = session.scalar(
        _one_listing(visible_to(actor, Listing), actor.urn is not None),
        {"listing": listing_id, "urn": actor.urn},
    )
    if listing is None:
        raise NotFound
    return listing


@lru_cache(200)
def _one_listing(may_see: sa.ColumnElement[bool], of_school: bool) -> sa.Select[Listing]:
    """The listing ``listing``, kept for who looked last: making it takes longer than to ask.

    What the operator has hidden is there for the network, and for its own school.
    """
    urn: Any = sa.bindparam("urn")
    is_shown = Listing.status != ListingStatus.HIDDEN
    return (
        sa.select(Listing)
        .join(Listing.school)
        .where(
            Listing.id == sa.bindparam("listing"),
            may_see,
            sa.or_(is_shown, Listing.school_urn == urn) if of_school else sa.true(),
        )
        .options(
            joinedload(Listing.school).options(
                joinedload(School.local_authority), joinedload(School.trust)
            ),
            joinedload(Listing.audience_group),
            joinedload(Listing.audience_second_group),
            selectinload(Listing.topics),
            selectinload(Listing.phases),
        )
    )


def get_own_listing(session: Session, listing_id: int, actor: Actor) -> Listing:
    """Return a listing of the school acted for, to change it.

    Raises:
        NotFound: if it is not this school's.
    """
    listing = get_listing(session, listing_id, actor)
    if listing.school_urn != actor.urn:
        raise NotFound
    return listing


def list_own(
    session: Session, actor: Actor, status: ListingStatus, *, after: str = "", limit: int = PAGE
) -> Page[Listing]:
    """Return a page of the listings of the school acted for, the newest first.

    Those that are hidden stand among the withdrawn ones.
    """
    statuses = [status]
    if status == ListingStatus.WITHDRAWN:
        statuses.append(ListingStatus.HIDDEN)
    query = (
        sa.select(Listing)
        .join(Listing.school)
        .where(
            Listing.school_urn == actor.school(),
            Listing.status.in_(statuses),
            visible_to(actor, Listing),
        )
        .options(selectinload(Listing.topics), selectinload(Listing.phases))
    )
    return paginate(session, query, Listing.id.desc(), after=after, limit=limit)


def get_public(session: Session, listing_id: int) -> Listing:
    """Return an offer that is on the public web, with its school, topics and phases.

    Raises:
        NotFound: if it has been withdrawn, or its school has not put it there.
    """
    listing = session.scalar(_public().where(Listing.id == listing_id))
    if listing is None:
        raise NotFound("This offer does not exist, or its school no longer shows it here.")
    return listing


def list_public(
    session: Session, criteria: PublicCriteria, *, after: str = "", limit: int = PAGE
) -> Page[Listing]:
    """Return a page of the offers on the public web that fit, the newest first."""
    query = _public().where(criteria.condition())
    return paginate(session, query, Listing.id.desc(), after=after, limit=limit)


def _public() -> sa.Select[Listing]:
    return (
        sa.select(Listing)
        .join(Listing.school)
        .where(
            # Written so that the partial index is used.
            Listing.public,
            Listing.status == ListingStatus.OPEN,
            School.status != "closed",
            School.joined_at.is_not(None),
        )
        .options(
            contains_eager(Listing.school),
            selectinload(Listing.topics),
            selectinload(Listing.phases),
        )
    )


def count_open_of(session: Session, urn: int) -> int:
    """Return how many offers and requests of the school are open."""
    return (
        session.scalar(
            sa.select(sa.func.count()).where(
                Listing.school_urn == urn, Listing.status == ListingStatus.OPEN
            )
        )
        or 0
    )


def first_topic(session: Session, listing_id: int) -> str | None:
    """Return the first topic of a listing in the order of the alphabet; ``None`` without any."""
    return session.scalar(
        sa.select(sa.func.min(ListingTopic.topic)).where(ListingTopic.listing_id == listing_id)
    )


def count_open_by_kind(session: Session) -> dict[str, int]:
    """Return how many offers and how many requests other schools can see."""
    rows = session.execute(
        sa.select(Listing.kind, sa.func.count())
        .where(Listing.status == ListingStatus.OPEN, visible_to_others(Listing))
        .group_by(Listing.kind)
    )
    return dict(rows.all())


def count_open_by_topic(session: Session, limit: int) -> list[tuple[str, int]]:
    """Return the topics with the most listings that other schools can see, with how many."""
    count = sa.func.count()
    rows = session.execute(
        sa.select(ListingTopic.topic, count)
        .join(Listing, Listing.id == ListingTopic.listing_id)
        .where(Listing.status == ListingStatus.OPEN, visible_to_others(Listing))
        .group_by(ListingTopic.topic)
        .order_by(count.desc(), ListingTopic.topic)
        .limit(limit)
    )
    return [(topic, number) for topic, number in rows]
