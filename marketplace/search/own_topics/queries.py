"""Reading what the operator said of topics."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from marketplace.listings.models import Listing, ListingTopic
from marketplace.listings.topics import Entry, Topics
from marketplace.search.index.documents import is_indexed
from marketplace.search.own_topics.models import TopicChange
from marketplace.search.own_words.queries import additions
from marketplace.search.words.vocabulary import Addition
from marketplace.web.paging import Page, paginate

PAGE = 50


def entries_in_force() -> sa.Select[str, str, str, bool, str]:
    """Return the query of what was said last of each topic and group, in the order of adding."""
    later, first = aliased(TopicChange), aliased(TopicChange)
    added = (
        sa.select(first.id).where(first.slug == TopicChange.slug, first.number == 1)
    ).scalar_subquery()
    return (
        sa.select(
            TopicChange.slug,
            TopicChange.name,
            TopicChange.group_slug,
            TopicChange.retired,
            TopicChange.successor,
        )
        .where(
            ~sa.exists().where(later.slug == TopicChange.slug, later.number > TopicChange.number)
        )
        .order_by(added)
    )


def topics_in(session: Session) -> Topics:
    """Return the topics as the database has them, whatever this process remembers."""
    return Topics(Entry(*row) for row in session.execute(entries_in_force()))


def said_of_words(session: Session) -> tuple[Addition, ...]:
    """Return all that the search has to know besides the product’s own words.

    That is what the operator said of words, and that a retired topic leads to another one.
    """
    known = topics_in(session)
    led = ((topic, known.led_to(topic.slug)) for topic in known.by_slug.values())
    return additions(session) + tuple(
        Addition(topic.name, "", successor, instead_of=topic.slug)
        for topic, successor in led
        if successor != topic.slug
    )


def last_number(session: Session, slug: str) -> int:
    """Return how often a topic or a group was changed."""
    number = sa.select(sa.func.max(TopicChange.number)).where(TopicChange.slug == slug)
    return session.scalar(number) or 0


def count_listings(session: Session) -> dict[str, int]:
    """Return how many listings of each topic a search can find; 0 is left out."""
    rows = session.execute(
        sa.select(ListingTopic.topic, sa.func.count())
        .join(Listing, Listing.id == ListingTopic.listing_id)
        .where(is_indexed())
        .group_by(ListingTopic.topic)
    )
    return dict(iter(rows))


def list_changes(
    session: Session, *, slug: str = "", after: str = "", limit: int = PAGE
) -> Page[tuple[TopicChange, TopicChange | None]]:
    """Return a page of the changes, each with the one before it of the same topic."""
    before = aliased(TopicChange)
    query = (
        sa.select(TopicChange, before)
        .outerjoin(
            before,
            sa.and_(before.slug == TopicChange.slug, before.number == TopicChange.number - 1),
        )
        .options(joinedload(TopicChange.changed_by))
    )
    if slug:
        query = query.where(TopicChange.slug == slug)
    return paginate(session, query, TopicChange.id.desc(), after=after, limit=limit)


def listings_of_changes(session: Session, change_ids: Collection[int]) -> list[int]:
    """Return the listings that have one of the topics that these changes are about."""
    slugs = sa.select(TopicChange.slug).where(TopicChange.id.in_(change_ids))
    listings = sa.select(ListingTopic.listing_id).where(ListingTopic.topic.in_(slugs)).distinct()
    return list(session.scalars(listings))
