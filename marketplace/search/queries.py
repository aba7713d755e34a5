"""Finding listings: the engine says which fit and in what order, the database what may be shown."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session
from tantivy import Query

from marketplace.accounts.actor import Actor
from marketplace.audiences.queries import groups_of, visible_to
from marketplace.listings.models import Kind, Listing, ListingStatus, ListingTopic
from marketplace.schools.models import LocalAuthority, School
from marketplace.schools.name_words import spelling
from marketplace.schools.places import find_town
from marketplace.schools.respelling import known_words
from marketplace.schools.standing import school_mark
from marketplace.search.balance import BLOCK, in_balance
from marketplace.search.criteria import SearchCriteria, SearchResult, SearchResults
from marketplace.search.engine import Engine, Filters, Hit
from marketplace.search.index.folder import IndexMissingError
from marketplace.search.index.fresh import fresh_listings
from marketplace.search.index.keeping import folder_of
from marketplace.search.index.reading import reader_of
from marketplace.search.understanding import understand
from marketplace.web.formats import METRES_PER_MILE
from marketplace.web.paging import Page, write_cursor

PAGE = 20
_CURSOR = re.compile(r"(-?[0-9]{1,19})~([0-9]{1,18})(?:~([0-9]{1,3}))?", re.ASCII)
_BEFORE_ALL = Hit(-(10**18), 0)
INDEX_FIELDS = {
    "topic": "topics",
    "phase": "phases",
    "mode": "mode",
    "region": "region",
    "school": "school_phase",
    "size": "size",
    "setting": "setting",
}
"""The criteria that are values of a field of the index, and that field."""


def search(
    session: Session, actor: Actor, criteria: SearchCriteria, *, after: str = ""
) -> SearchResults:
    """Return the open listings that ``actor`` may see and that fit ``criteria``.

    ``after`` is the cursor of an earlier page; one that cannot be read begins at the start.

    Raises:
        IndexMissingError: there is no index that can be used just now.
    """
    try:
        return _search(session, actor, engine_for(session, actor), criteria, after)
    except (OSError, ValueError) as error:
        # A file of the index is gone or broken, which is found out only when it is read.
        reader_of().close()
        raise IndexMissingError(f"it cannot be read: {error}") from error


def engine_for(session: Session, actor: Actor) -> Engine:
    """Return the index as ``actor`` may see it, with what their school has just posted.

    Raises:
        IndexMissingError: there is no index that can be used just now.
    """
    searcher = reader_of().searcher(session, folder_of(current_app))
    fresh, stale = fresh_listings(session, actor, searcher)
    groups = groups_of(session, actor.urn) if actor.urn is not None else ()
    return Engine(searcher, actor, fresh, stale, groups)


def _search(
    session: Session, actor: Actor, engine: Engine, criteria: SearchCriteria, after: str
) -> SearchResults:
    understood = understand(
        engine,
        criteria.words,
        exactly=criteria.exactly,
        place_of=lambda word: find_town(session, word),
        is_name=lambda word: bool(known_words(session, {spelling(word)})),
        ours=actor.position,
    )
    if (place := understood.around or understood.near) is not None:
        criteria = replace(criteria, position=place.position, sort="nearest")
    if understood.within_miles is not None and criteria.within_miles is None:
        narrower = replace(criteria, within_miles=understood.within_miles)
        if engine.count(understood.query, _filters(session, actor, narrower)):
            criteria = narrower
        else:
            understood = replace(understood, within_miles=None)
    filters = _filters(session, actor, criteria)
    query = understood.query
    with_all = None
    if understood.with_all is not None:
        with_all = engine.count(understood.with_all, filters)
        if with_all and _order(criteria) != "best":
            # In another order, what has only some of the words would stand among what has all.
            query = understood.with_all
    last, skip = _last(after)
    hits = _hits(engine, criteria, query, filters, last)
    if _order(criteria) == "best" and criteria.kind == Kind.OFFER:
        results, following = _balanced_page(session, actor, criteria, hits, last, skip)
    else:
        results, following = _page(session, actor, criteria, hits)
    page = Page(results, following)
    if last is not None:
        return SearchResults(page, None, understood)
    count = engine.count(query, filters)
    return SearchResults(
        page,
        count,
        understood,
        with_all,
        engine.facets(query, filters),
        {} if count else _widenings(session, actor, engine, criteria, query),
    )


def latest(session: Session, limit: int, *conditions: sa.ColumnElement[bool]) -> list[SearchResult]:
    """Return the newest open listings that fit ``conditions`` (which may name ``School``)."""
    listing_ids = session.scalars(
        sa.select(Listing.id)
        .join(Listing.school)
        .where(Listing.status == ListingStatus.OPEN, *conditions)
        .order_by(Listing.id.desc())
        .limit(limit)
    ).all()
    return _details(session, listing_ids, None)


def results_of(session: Session, actor: Actor, listing_ids: Sequence[int]) -> list[SearchResult]:
    """Return those of these listings that are open and ``actor`` may see, in this order."""
    return _details(session, listing_ids, actor.position, visible_to(actor, Listing))


def _order(criteria: SearchCriteria) -> str:
    if criteria.sort == "nearest" and criteria.position is not None:
        return "nearest"
    return "best" if criteria.sort == "best" and criteria.words.strip() else "newest"


def _hits(
    engine: Engine, criteria: SearchCriteria, query: Query, filters: Filters, last: Hit | None
) -> list[Hit]:
    """What fits, after the hit ``last``; of the newest no more than two pages."""
    order = _order(criteria)
    if order == "newest":
        before = last.id if last is not None else None
        return engine.newest(query, filters, before, 2 * PAGE + 1)
    if order == "nearest" and criteria.position is not None:
        hits = engine.nearest(query, filters, criteria.position)
    else:
        hits = engine.best(query, filters)
    if last is None:
        return hits
    return [hit for hit in hits if (hit.rank, -hit.id) > (last.rank, -last.id)]


def _page(
    session: Session, actor: Actor, criteria: SearchCriteria, hits: Sequence[Hit]
) -> tuple[list[SearchResult], str | None]:
    """The first page of ``hits`` as the database has them, and the cursor of the page after it.

    What the database does not show any more is passed over.
    """
    results, place = _fill(session, actor, criteria, hits)
    if place >= len(hits):
        return results, None
    return results, write_cursor((hits[place - 1].rank, hits[place - 1].id))


def _balanced_page(
    session: Session,
    actor: Actor,
    criteria: SearchCriteria,
    hits: Sequence[Hit],
    last: Hit | None,
    skip: int,
) -> tuple[list[SearchResult], str | None]:
    """The same, where about equal offers are in the order of the room that their schools have.

    Blocks of hits are put in order, so a cursor names the hit before the block, and how much of
    the block has been shown.
    """
    block = hits[:BLOCK]
    order, moved = in_balance(session, actor, block)
    results, place = _fill(session, actor, criteria, order[skip:])
    results = [replace(result, has_room=result.id in moved) for result in results]
    if skip + place < len(block):
        before = last or _BEFORE_ALL
        return results, write_cursor((before.rank, before.id, skip + place))
    if len(hits) <= BLOCK:
        return results, None
    return results, write_cursor((block[-1].rank, block[-1].id))


def _fill(
    session: Session, actor: Actor, criteria: SearchCriteria, hits: Sequence[Hit]
) -> tuple[list[SearchResult], int]:
    """As many of ``hits`` as a page has and the database shows, and how many were gone through."""
    results: list[SearchResult] = []
    place = 0
    while place < len(hits) and len(results) < PAGE:
        part = hits[place : place + PAGE - len(results)]
        place += len(part)
        listing_ids = [hit.id for hit in part]
        results += _details(session, listing_ids, criteria.position, visible_to(actor, Listing))
    return results, place


def _last(after: str) -> tuple[Hit | None, int]:
    """The hit after which a page begins, and how many of those after it have been shown."""
    match = _CURSOR.fullmatch(after)
    if match is None:
        return None, 0
    return Hit(int(match[1]), int(match[2])), int(match[3] or 0)


def _filters(session: Session, actor: Actor, criteria: SearchCriteria) -> Filters:
    values: dict[str, Sequence[str]] = {
        name: (value,)
        for criterion, name in (("kind", "kind"), *INDEX_FIELDS.items())
        if (value := getattr(criteria, criterion))
    }
    if criteria.circle == "trust":
        values["trust"] = (str(actor.trust_id),) if actor.trust_id is not None else ()
    elif criteria.circle == "authority":
        code = actor.local_authority_code
        values["authority"] = (code,) if code is not None else ()
    return Filters(values, _schools_within(session, criteria))


def _schools_within(session: Session, criteria: SearchCriteria) -> Sequence[int] | None:
    """The schools that take part within the distance; None if it is not limited."""
    if criteria.position is None or criteria.within_miles is None:
        return None
    reach = math.ceil(criteria.within_miles * METRES_PER_MILE)
    east, north = criteria.position
    # Pythagoras on the National Grid: true to a part in a thousand within England.
    east_of = sa.cast(School.easting, sa.BigInteger) - east
    north_of = sa.cast(School.northing, sa.BigInteger) - north
    return session.scalars(
        sa.select(School.urn).where(
            School.easting.between(east - reach, east + reach),
            School.northing.between(north - reach, north + reach),
            School.joined_at.is_not(None),
            east_of * east_of + north_of * north_of <= reach * reach,
        )
    ).all()


def _widenings(
    session: Session, actor: Actor, engine: Engine, criteria: SearchCriteria, query: Query
) -> dict[str, int]:
    """How many there would be without each of the criteria, where there are any."""
    narrowing = [name for name in ("circle", *INDEX_FIELDS) if getattr(criteria, name)]
    nothing: dict[str, Any] = dict.fromkeys(narrowing, "")
    wider = {name: replace(criteria, **{name: nothing[name]}) for name in narrowing}
    if criteria.within_miles is not None:
        wider["within"] = replace(criteria, within_miles=None)
    counts = {
        name: engine.count(query, _filters(session, actor, without))
        for name, without in wider.items()
    }
    return {name: count for name, count in counts.items() if count}


def _details(
    session: Session,
    listing_ids: Sequence[int],
    position: tuple[int, int] | None,
    *conditions: sa.ColumnElement[bool],
) -> list[SearchResult]:
    if not listing_ids:
        return []
    rows = session.execute(
        sa.select(Listing, School, LocalAuthority.name)
        .join(School, School.urn == Listing.school_urn)
        .join(LocalAuthority, LocalAuthority.code == School.local_authority_code)
        .where(Listing.id.in_(listing_ids), Listing.status == ListingStatus.OPEN, *conditions)
    ).all()
    topics: dict[int, list[str]] = {}
    for listing_id, topic in session.execute(
        sa.select(ListingTopic.listing_id, ListingTopic.topic)
        .where(ListingTopic.listing_id.in_(listing_ids))
        .order_by(ListingTopic.topic)
    ):
        topics.setdefault(listing_id, []).append(topic)
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
            town=school.town,
            local_authority=authority,
            metres=_metres(school, position),
            topics=tuple(topics.get(listing.id, ())),
            mark=school_mark(school),
        )
        for listing, school, authority in rows
    }
    return [by_id[listing_id] for listing_id in listing_ids if listing_id in by_id]


def _metres(school: School, position: tuple[int, int] | None) -> float | None:
    if position is None or school.easting is None or school.northing is None:
        return None
    return math.hypot(school.easting - position[0], school.northing - position[1])
