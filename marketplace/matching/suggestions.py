"""For the start page: what fits a school, what to offer, and what to take with its credit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session, aliased
from tantivy import Occur, Query

from marketplace.accounts.actor import Actor
from marketplace.audiences.queries import visible_to
from marketplace.listings.models import Kind, Listing, ListingStatus
from marketplace.matching.models import ListingMatch
from marketplace.schools.traits import Trait
from marketplace.search.criteria import SearchResult
from marketplace.search.engine import Engine, around
from marketplace.search.filters import Filters, Whose
from marketplace.search.index.asking import silent, together
from marketplace.search.index.fields import schema
from marketplace.search.index.folder import BROKEN
from marketplace.search.index.reading import reader_of
from marketplace.search.queries import engine_for
from marketplace.search.rows import read_results
from marketplace.settings import Policy
from marketplace.web.formats import METRES_PER_MILE

MILES = 20
MOST_TOPICS, MOST_OFFERS = 2, 3
MOST_LOOKED_AT = 12
MOST_MATCHES = 8
"""So many of the latest matches are read; some may not be open or shown any more."""
MOST_FITTING, MOST_NEAR = 4, 7
PHASES_OF: dict[Trait, tuple[str, ...]] = {
    Trait.NURSERY: ("early-years",),
    Trait.PRIMARY: ("early-years", "ks1", "ks2"),
    Trait.SECONDARY: ("ks3", "ks4"),
    Trait.SIXTEEN_PLUS: ("post-16",),
    Trait.SPECIAL: ("special",),
    Trait.ALTERNATIVE: ("special",),
}
"""The phases of listings that a school of each sort can do something with."""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What may interest a school.

    ``topics`` are what to offer, each with how many requests near us; ``offers`` what to take;
    ``fitting`` what fits listings of ours, each with the title of that one; ``near`` what is new
    near us.
    """

    topics: tuple[tuple[str, int], ...] = ()
    offers: tuple[SearchResult, ...] = ()
    fitting: tuple[tuple[SearchResult, str], ...] = ()
    near: tuple[SearchResult, ...] = ()


def suggest(session: Session, actor: Actor, *, has_idle_credit: bool) -> Suggestions:
    """Return what to suggest to the school acted for; nothing without an index.

    What is counted is within 20 miles, for the school’s own phases, and may be seen by it. Offers
    to take come only with idle credit: first what it looks for itself, then the nearest. What fits
    is what the school was told of. Two statements besides those of the index.
    """
    try:
        engine = engine_for(session, actor)
        # People come back to the start page: the answers are kept until the index changes.
        topics = engine.recall(("in need", actor.urn), lambda: _topics_in_need(engine, actor))
        near = engine.recall(("new near", actor.urn), lambda: _new_near(engine, actor))
        to_take = []
        if has_idle_credit:
            to_take = engine.recall(("to take", actor.urn), lambda: _worth_taking(engine, actor))
    except BROKEN:
        reader_of(current_app).close()
        return Suggestions()
    ours = {row.listing_id: row.title for row in session.execute(_matches(), _ours(actor))}
    numbers = list(dict.fromkeys([*ours, *to_take, *near]))
    found = {
        result.id: result
        for result in read_results(session, numbers, actor.position, visible_to(actor, Listing))
    }
    fitting = [(found[number], title) for number, title in ours.items() if number in found]
    offers: dict[int, SearchResult] = {}
    for number in to_take:
        if number in found:
            offers.setdefault(found[number].school_urn, found[number])
    return Suggestions(
        topics,
        tuple(offers.values())[:MOST_OFFERS],
        tuple(fitting[:MOST_FITTING]),
        tuple(found[number] for number in near if number in found and number not in ours),
    )


def _ours(actor: Actor) -> dict[str, int]:
    return {"urn": actor.school(), "most": MOST_MATCHES}


@cache
def _matches() -> sa.Select[int, str]:
    """What fits an open listing of the school ``urn``, with its title, the latest first."""
    ours = aliased(Listing)
    is_open = sa.and_(ours.school_urn == sa.bindparam("urn"), ours.status == ListingStatus.OPEN)
    both = sa.union_all(
        sa.select(ListingMatch.id, ListingMatch.listing_id, ours.title)
        .join(ours, ours.id == ListingMatch.fitting_id)
        .where(is_open),
        sa.select(ListingMatch.id, ListingMatch.fitting_id, ours.title)
        .join(ours, ours.id == ListingMatch.listing_id)
        .where(is_open),
    ).subquery()
    return (
        sa.select(both.c.listing_id, both.c.title)
        .order_by(both.c.id.desc())
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def is_idle(posted: int | None, received: int | None, policy: Policy) -> bool:
    """Say whether a school has credit that lies idle: minutes that it has, and received this term.

    It has its joining grant or more, and has taken less than a quarter as much.
    """
    if posted is None or posted < max(policy.joining_grant, 60):
        return False
    return 4 * (received or 0) < posted


def _topics_in_need(engine: Engine, actor: Actor) -> tuple[tuple[str, int], ...]:
    if actor.position is None:
        return ()
    filters = Filters({"kind": (Kind.REQUEST.value,), **_our_phases(actor)})
    counts = engine.facets(_near(actor), filters, ["topics"])["topics"]
    offered = _our_topics(engine, actor, Kind.OFFER)
    wanted = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple((topic, count) for topic, count in wanted if topic not in offered)[:MOST_TOPICS]


def _worth_taking(engine: Engine, actor: Actor) -> list[int]:
    if actor.position is None:
        return []
    filters = Filters({"kind": (Kind.OFFER.value,), **_our_phases(actor)}, may_be_asked=True)
    hits = []
    looked_for = _our_topics(engine, actor, Kind.REQUEST)
    if looked_for:
        about = silent(Query.term_set_query(schema(), "topics", sorted(looked_for)))
        query = together([(Occur.Must, _near(actor)), (Occur.Must, about)])
        hits += engine.nearest(query, filters, actor.position, MOST_LOOKED_AT)
    if len(hits) < MOST_OFFERS:
        hits += engine.nearest(_near(actor), filters, actor.position, MOST_LOOKED_AT)
    return list(dict.fromkeys(hit.id for hit in hits))[:MOST_LOOKED_AT]


def _new_near(engine: Engine, actor: Actor) -> list[int]:
    """The newest listings near the school that are for its phases."""
    if actor.position is None:
        return []
    filters = Filters({**_our_phases(actor)}, may_be_asked=True)
    return [hit.id for hit in engine.newest(_near(actor), filters, MOST_NEAR)]


def _near(actor: Actor) -> Query:
    """What is near the school and not its own."""
    assert actor.position is not None
    own = Query.term_set_query(schema(), "urn", [actor.school()])
    reach = math.ceil(MILES * METRES_PER_MILE)
    return together([*around(actor.position, reach), (Occur.MustNot, own)])


def _our_phases(actor: Actor) -> dict[str, tuple[str, ...]]:
    phases = {phase for trait in PHASES_OF if trait in actor.traits for phase in PHASES_OF[trait]}
    return {"phases": (*sorted(phases), "whole-school")} if phases else {}


def _our_topics(engine: Engine, actor: Actor, kind: Kind) -> frozenset[str]:
    """The topics of what the school offers, or of what it looks for."""
    own = silent(Query.term_set_query(schema(), "urn", [actor.school()]))
    filters = Filters({"kind": (kind.value,)}, whose=Whose.OURS)
    return frozenset(engine.facets(own, filters, ["topics"])["topics"])
