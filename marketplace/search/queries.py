"""Finding listings: by words, topic, phase, region, distance; the same on both databases."""

from __future__ import annotations

import math
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from marketplace.accounts.actor import Actor
from marketplace.listings.models import (
    Listing,
    ListingPhase,
    ListingStatus,
    ListingTerm,
    ListingTopic,
)
from marketplace.listings.queries import visible_to
from marketplace.schools.models import LocalAuthority, School
from marketplace.schools.standing import school_mark
from marketplace.search.criteria import (
    COUNT_AT_MOST,
    SearchCriteria,
    SearchResult,
    SearchResults,
)
from marketplace.search.query_parsing import Group, groups
from marketplace.web.formats import METRES_PER_MILE
from marketplace.web.paging import Page, paginate, read_cursor

PAGE = 20


def search(
    session: Session, actor: Actor, criteria: SearchCriteria, *, after: str = ""
) -> SearchResults:
    """Return the open listings that ``actor`` may see and that fit ``criteria``.

    Every word, or a synonym of it, must occur in the title, the topics or the text.
    ``after`` is the cursor of an earlier page; one that cannot be read begins at the start.
    """
    word_groups = groups(criteria.words)
    if criteria.words.strip() and not word_groups:
        return SearchResults(Page([], None), 0)
    matching = _matching(actor, criteria, word_groups)
    hits = matching.subquery("hits")
    rank, downwards = _rank(criteria, word_groups, hits)
    order = (rank.desc() if downwards else rank.asc(), hits.c.id.desc())
    count = None
    if read_cursor(after, [rank, hits.c.id]) is None:
        limited = matching.limit(COUNT_AT_MOST + 1).subquery()
        count = session.scalar(sa.select(sa.func.count()).select_from(limited)) or 0
    page = paginate(
        session, sa.select(hits.c.id, hits.c.square_metres), *order, after=after, limit=PAGE
    )
    return SearchResults(Page(_details(session, dict(page.rows)), page.next), count)


def latest(session: Session, limit: int, *conditions: sa.ColumnElement[bool]) -> list[SearchResult]:
    """Return the newest open listings that fit ``conditions`` (which may name ``School``)."""
    listing_ids = session.scalars(
        sa.select(Listing.id)
        .join(Listing.school)
        .where(Listing.status == ListingStatus.OPEN, *conditions)
        .order_by(Listing.id.desc())
        .limit(limit)
    ).all()
    return _details(session, dict.fromkeys(listing_ids))


def _matching(actor: Actor, criteria: SearchCriteria, word_groups: list[Group]) -> sa.Select[Any]:
    """Every hit with its score and squared distance."""
    score: sa.ColumnElement[int] = sa.literal(0)
    source = sa.join(Listing, School, School.urn == Listing.school_urn)
    for number, group in enumerate(word_groups):
        met = _met(group).subquery(f"met_{number}")
        source = source.join(met, met.c.listing_id == Listing.id)
        score = score + met.c.weight
    square = _square_metres(criteria.position)
    query = (
        sa.select(Listing.id, score.label("score"), square.label("square_metres"))
        .select_from(source)
        .where(Listing.status == ListingStatus.OPEN, visible_to(actor))
    )
    if criteria.kind:
        query = query.where(Listing.kind == criteria.kind)
    if criteria.mode:
        query = query.where(Listing.mode == criteria.mode)
    if criteria.region:
        query = query.where(School.region == criteria.region)
    for fact, value in (
        (School.phase, criteria.school),
        (School.size_band, criteria.size),
        (School.setting, criteria.setting),
    ):
        if value:
            query = query.where(fact == value)
    if criteria.circle == "trust":
        query = query.where(_same(School.trust_id, actor.trust_id))
    elif criteria.circle == "authority":
        query = query.where(_same(School.local_authority_code, actor.local_authority_code))
    if criteria.topic:
        query = query.where(
            sa.exists().where(
                ListingTopic.listing_id == Listing.id, ListingTopic.topic == criteria.topic
            )
        )
    if criteria.phase:
        query = query.where(
            sa.exists().where(
                ListingPhase.listing_id == Listing.id, ListingPhase.phase == criteria.phase
            )
        )
    if criteria.position is not None and criteria.within_miles is not None:
        reach = math.ceil(criteria.within_miles * METRES_PER_MILE)
        east, north = criteria.position
        query = query.where(
            School.easting.between(east - reach, east + reach),
            School.northing.between(north - reach, north + reach),
            square <= reach * reach,
        )
    return query


def _same(fact: InstrumentedAttribute[Any], ours: object) -> sa.ColumnElement[bool]:
    """Whether another school shares ``fact`` with ours; a school without it shares it with none."""
    return sa.false() if ours is None else fact == ours


def _met(group: Group) -> sa.Select[Any]:
    """The listings that contain any phrase of ``group``, with the best weight."""
    parts = []
    for phrase in sorted(group):
        criteria = sorted(set(phrase))
        parts.append(
            sa.select(ListingTerm.listing_id, sa.func.max(ListingTerm.weight).label("weight"))
            .where(ListingTerm.term.in_(criteria))
            .group_by(ListingTerm.listing_id)
            .having(sa.func.count() == len(criteria))
        )
    either = sa.union_all(*parts).subquery()
    return sa.select(either.c.listing_id, sa.func.max(either.c.weight).label("weight")).group_by(
        either.c.listing_id
    )


def _square_metres(position: tuple[int, int] | None) -> sa.ColumnElement[Any]:
    """Pythagoras on the National Grid: true to a part in a thousand within England."""
    if position is None:
        return sa.cast(sa.null(), sa.BigInteger)
    east = sa.cast(School.easting, sa.BigInteger) - position[0]
    north = sa.cast(School.northing, sa.BigInteger) - position[1]
    return east * east + north * north


def _rank(
    criteria: SearchCriteria, word_groups: list[Group], hits: sa.Subquery
) -> tuple[sa.ColumnElement[Any], bool]:
    """The value that orders the results, and whether the highest comes first."""
    if criteria.sort == "nearest" and criteria.position is not None:
        # Schools without a position come last; they are not left out.
        return sa.func.coalesce(hits.c.square_metres, 2**62), False
    if criteria.sort == "best" and word_groups:
        return hits.c.score, True
    return sa.cast(sa.literal(0), sa.BigInteger), True


def _details(session: Session, square_metres: dict[int, int | None]) -> list[SearchResult]:
    if not square_metres:
        return []
    rows = session.execute(
        sa.select(Listing, School, LocalAuthority.name)
        .join(School, School.urn == Listing.school_urn)
        .join(LocalAuthority, LocalAuthority.code == School.local_authority_code)
        .where(Listing.id.in_(square_metres))
    ).all()
    topics: dict[int, list[str]] = {}
    for listing_id, topic in session.execute(
        sa.select(ListingTopic.listing_id, ListingTopic.topic)
        .where(ListingTopic.listing_id.in_(square_metres))
        .order_by(ListingTopic.topic)
    ):
        topics.setdefault(listing_id, []).append(topic)
    by_id = {}
    for listing, school, authority in rows:
        square = square_metres[listing.id]
        by_id[listing.id] = SearchResult(
            id=listing.id,
            kind=listing.kind,
            title=listing.title,
            description=listing.description,
            mode=listing.mode,
            minutes=listing.minutes,
            audience=listing.audience,
            school_urn=school.urn,
            school_name=school.name,
            town=school.town,
            local_authority=authority,
            metres=math.sqrt(square) if square is not None else None,
            topics=tuple(topics.get(listing.id, ())),
            mark=school_mark(school),
        )
    return [by_id[listing_id] for listing_id in square_metres]
