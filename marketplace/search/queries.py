"""Finding listings: the engine says which fit and in what order, the database what may be shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session
from tantivy import Query

from marketplace.accounts.actor import Actor
from marketplace.audiences.queries import visible_to
from marketplace.clock import today
from marketplace.listings.models import Kind, Listing
from marketplace.listings.topics import current_topics
from marketplace.schools.name_words import spelling
from marketplace.schools.places import find_postcode, find_town
from marketplace.schools.respelling import known_words
from marketplace.search.balance import BLOCK, in_balance
from marketplace.search.circles import within
from marketplace.search.criteria import (
    DeadEnd,
    SearchCriteria,
    SearchResult,
    SearchResults,
    Tab,
)
from marketplace.search.engine import Engine
from marketplace.search.filters import Circle, Filters, Hit, Whose
from marketplace.search.index.folder import IndexMissingError
from marketplace.search.index.fresh import fresh_listings, read_changed
from marketplace.search.index.keeping import folder_of
from marketplace.search.index.reading import reader_of
from marketplace.search.nearest_topics import nearest_topics
from marketplace.search.rows import read_results
from marketplace.search.understanding import Understood, understand
from marketplace.web.formats import METRES_PER_MILE
from marketplace.web.paging import Page

PAGE = 20
MOST_PAGED = 10_000
"""So many results can be paged to, which the page says where there are more."""
EXAMPLES = 2
LAST = 0.0
"""The rank of what may not be asked for now: lower than that of whatever else fits."""
INDEX_FIELDS = {
    "topic": "topics",
    "phase": "phases",
    "mode": "mode",
    "format": "format",
    "cost": "cost",
    "region": "region",
    "school": "school_phase",
    "size": "size",
    "setting": "setting",
}
"""The criteria that are values of a field of the index, and that field."""
SHOWN = ("kind", "groups", "authority", *INDEX_FIELDS.values())
"""The facets whose counts the page shows."""


def search(
    session: Session, actor: Actor, criteria: SearchCriteria, *, after: str = ""
) -> SearchResults:
    """Return the open listings that ``actor`` may see and that fit ``criteria``.

    ``after`` is how many results come before the page; what is no number begins at the start.

    Raises:
        IndexMissingError: there is no index that can be used just now.
    """
    try:
        return _search(session, actor, engine_for(session, actor), criteria, _start(after))
    except (OSError, ValueError) as error:
        # A file of the index is gone or broken, which is found out only when it is read.
        reader_of().close()
        raise IndexMissingError(f"it cannot be read: {error}") from error


def engine_for(session: Session, actor: Actor) -> Engine:
    """Return the index as ``actor`` may see it, with what their school has just posted.

    Raises:
        IndexMissingError: there is no index that can be used just now.
    """
    index = reader_of().snapshot(session, folder_of(current_app))
    changed = read_changed(session, actor)
    fresh, stale = fresh_listings(session, changed, index.searcher, index.vocabulary)
    return Engine(
        index.searcher, actor, fresh, stale, changed.group_ids, index.vocabulary, index.memory
    )


def _search(
    session: Session, actor: Actor, engine: Engine, criteria: SearchCriteria, start: int
) -> SearchResults:
    understood = understand(
        engine,
        criteria.words,
        exactly=criteria.exactly,
        place_of=lambda word: engine.memory.recall(
            ("town", word), lambda: find_town(session, word)
        ),
        postcode_of=lambda postcode: engine.memory.recall(
            ("postcode", postcode), lambda: find_postcode(session, postcode)
        ),
        is_name=lambda word: bool(known_words(session, {spelling(word)})),
        ours=actor.position,
    )
    if (place := understood.around or understood.near) is not None:
        sort = criteria.sort if criteria.sort in ("newest", "soonest") else "nearest"
        criteria = replace(criteria, position=place.position, sort=sort)
    circle = _circle(session, engine, criteria)
    if understood.within_miles is not None and criteria.within_miles is None:
        narrower = replace(criteria, within_miles=understood.within_miles)
        narrow = _circle(session, engine, narrower)
        if narrow and engine.count(understood.query, _filters(actor, narrower, narrow)):
            criteria, circle = narrower, narrow
        else:
            understood = replace(understood, within_miles=None)
    filters = _filters(actor, criteria, circle)
    query = understood.query
    order = _order(criteria, understood)
    with_all = None
    if understood.with_all is not None:
        with_all = engine.count(understood.with_all, filters)
        if with_all and order != "best":
            # In another order, what has only some of the words would stand among what has all.
            query = understood.with_all
    is_all = not understood.typed and understood.near is None
    asked = replace(criteria, sort=""), understood.searched, query is understood.query, today()
    facets = engine.recall_search(
        ("facets", *asked), lambda: engine.facets(None if is_all else query, filters, SHOWN)
    )
    kinds = facets["kind"]
    count = kinds[criteria.kind] if criteria.kind else sum(kinds.values())
    skipped = start // BLOCK * BLOCK if order == "best" else start
    hits = engine.recall_search(
        ("hits", *asked, order, skipped),
        lambda: _hits(engine, criteria, order, query, filters, skipped, count) if count else [],
    )
    moved: frozenset[int] = frozenset()
    if hits and order == "best" and criteria.kind == Kind.OFFER:
        last = [hit for hit in hits if hit.rank == LAST]
        hits, moved = in_balance(session, actor, hits[: len(hits) - len(last)])
        hits += last
    if order == "best":
        hits = hits[start % BLOCK :]
    tabs, beside = engine.recall_search(
        ("tabs", *asked), lambda: _tabs(engine, criteria, query, filters, kinds)
    )
    results, examples, passed = _page(session, actor, criteria, hits, beside)
    free_on = engine.free_days([result.id for result in results], hits)
    results = [
        replace(result, has_room=result.id in moved, free_on=free_on.get(result.id))
        for result in results
    ]
    following = start + passed
    return SearchResults(
        Page(results, str(following) if following < min(count, MOST_PAGED) else None),
        start,
        count,
        understood,
        position=criteria.position,
        sort=order,
        with_all=with_all,
        facets=facets,
        tabs=tabs,
        of_authority=facets["authority"][actor.local_authority_code or ""],
        examples=examples,
        topics=criteria.topic or _meant(understood),
        dead_end=None if count else _dead_end(actor, engine, criteria, understood, circle),
    )


def _meant(understood: Understood) -> tuple[str, ...]:
    """The topics that the words mean."""
    meant = (
        slug
        for meaning in understood.searched
        if not meaning.weak
        for slug in sorted(map(current_topics().led_to, meaning.topics))
    )
    return tuple(dict.fromkeys(meant))


def _tabs(
    engine: Engine,
    criteria: SearchCriteria,
    query: Query,
    filters: Filters,
    kinds: Counter[str],
) -> tuple[dict[Tab, int], list[Hit]]:
    """How many there are behind each tab, and a few of our own beside those of others.

    ``kinds`` are the counts of the tab that is shown.
    """
    every_kind = filters.without("kind")
    if criteria.whose is Whose.OTHERS:
        ours = replace(every_kind, whose=Whose.OURS)
        number, beside = engine.count_and_best(query, ours, EXAMPLES)
    else:
        number, beside = sum(kinds.values()), []
        others = replace(every_kind, whose=Whose.OTHERS)
        kinds = engine.facets(query, others, ["kind"])["kind"]
    of_others = {Tab.OFFERS: kinds[Kind.OFFER], Tab.REQUESTS: kinds[Kind.REQUEST]}
    return {**of_others, Tab.OURS: number}, beside


def _circle(session: Session, engine: Engine, criteria: SearchCriteria) -> Circle | None:
    """Who is within the distance; None if it is not limited."""
    position, miles = criteria.position, criteria.within_miles
    if position is None or miles is None:
        return None
    # A school that joins or moves writes its listings into the index, which then is another one.
    return engine.memory.recall(
        ("within", position, miles), lambda: within(session, position, miles)
    )


def _order(criteria: SearchCriteria, understood: Understood) -> str:
    if criteria.sort == "nearest" and criteria.position is not None:
        return "nearest"
    if criteria.sort == "soonest":
        return "soonest"
    return "best" if criteria.sort == "best" and understood.typed else "newest"


def _start(after: str) -> int:
    """How many results come before the page."""
    if not (after.isascii() and after.isdecimal()) or len(after) > len(str(MOST_PAGED)):
        return 0
    return min(int(after), MOST_PAGED)


def _hits(
    engine: Engine,
    criteria: SearchCriteria,
    order: str,
    query: Query,
    filters: Filters,
    skipped: int,
    count: int,
) -> list[Hit]:
    """What fits, after the first ``skipped``: two pages, as some may not be shown any more.

    What fits best is a whole block. Offers of schools that said not now come after all others, in
    whatever order.
    """

    def first(filters: Filters, limit: int) -> list[Hit]:
        if order == "nearest" and criteria.position is not None:
            radius = (criteria.within_miles or 0) * METRES_PER_MILE
            return engine.nearest(query, filters, criteria.position, limit, count, radius)
        if order == "newest":
            return engine.newest(query, filters, limit, count)
        if order == "soonest":
            return engine.soonest(query, filters, limit)
        return engine.best(query, filters, limit)

    limit = skipped + (BLOCK if order == "best" else 2 * PAGE)
    if not engine.has_not_now:
        return first(filters, limit)[skipped:]
    hits = first(replace(filters, may_be_asked=True), limit)
    if len(hits) < limit:
        later = first(replace(filters, may_be_asked=False), limit - len(hits))
        hits += [replace(hit, rank=LAST) for hit in later] if order == "best" else later
    return hits[skipped:]


def _page(
    session: Session,
    actor: Actor,
    criteria: SearchCriteria,
    hits: Sequence[Hit],
    beside: Sequence[Hit],
) -> tuple[list[SearchResult], list[SearchResult], int]:
    """The first page of ``hits`` and all of ``beside`` as the database has them.

    What the database does not show any more is passed over; the number says how many hits the page
    took.
    """
    results: list[SearchResult] = []
    examples: list[SearchResult] = []
    place = 0
    while not place or (place < len(hits) and len(results) < PAGE):
        part = hits[place : place + PAGE - len(results)]
        more = beside if not place else ()
        found = read_results(
            session,
            [hit.id for hit in (*part, *more)],
            criteria.position,
            visible_to(actor, Listing),
        )
        numbers = {hit.id for hit in part}
        results += [result for result in found if result.id in numbers]
        examples += [result for result in found if result.id not in numbers]
        if not part:
            break
        place += len(part)
    return results, examples, place


def _filters(actor: Actor, criteria: SearchCriteria, circle: Circle | None) -> Filters:
    values: dict[str, Sequence[str]] = {
        name: chosen
        for criterion, name in INDEX_FIELDS.items()
        if (chosen := getattr(criteria, criterion))
    }
    if criteria.kind:
        values["kind"] = (criteria.kind,)
    filters = Filters(values, circle, criteria.whose)
    if criteria.circle == "trust":
        trusts = (str(actor.trust_id),) if actor.trust_id is not None else ()
        return filters.having("trust", *trusts)
    if criteria.circle == "authority":
        code = actor.local_authority_code
        return filters.having("authority", *((code,) if code is not None else ()))
    return filters


def _dead_end(
    actor: Actor,
    engine: Engine,
    criteria: SearchCriteria,
    understood: Understood,
    circle: Circle | None,
) -> DeadEnd:
    """What there is instead: with one criterion fewer, with none, and of the nearest topics."""
    nothing: dict[str, Any] = {"circle": "", **dict.fromkeys(INDEX_FIELDS, ())}
    narrowing = {name: empty for name, empty in nothing.items() if getattr(criteria, name)}
    counts = {
        name: engine.count(
            understood.query, _filters(actor, replace(criteria, **{name: empty}), circle)
        )
        for name, empty in narrowing.items()
    }
    if circle is not None:
        narrowing["within_miles"] = None
        counts["within_miles"] = engine.count(understood.query, _filters(actor, criteria, None))
    widest = _filters(actor, replace(criteria, **narrowing), None)
    return DeadEnd(
        widenings={name: count for name, count in counts.items() if count},
        without_any=engine.count(understood.query, widest) if len(narrowing) > 1 else 0,
        topics=nearest_topics(engine, understood, widest, criteria.position),
    )
