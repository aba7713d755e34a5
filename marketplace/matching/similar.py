"""What other schools have that is like a listing: the same kind and topic, the nearest first."""

from __future__ import annotations

from flask import current_app
from sqlalchemy.orm import Session
from tantivy import Occur, Query

from marketplace.accounts.actor import Actor
from marketplace.audiences.queries import visible_to
from marketplace.clock import today
from marketplace.listings.models import Listing
from marketplace.search.criteria import SearchResult
from marketplace.search.engine import Engine
from marketplace.search.filters import Filters, Hit
from marketplace.search.index.asking import any_of, silent, together
from marketplace.search.index.fields import schema
from marketplace.search.index.folder import BROKEN
from marketplace.search.index.keeping import folder_of
from marketplace.search.index.reading import reader_of
from marketplace.search.rows import read_results

MOST_SHOWN = 4
MOST_LOOKED_AT = 5
"""How many are read, as the database may not show some that the index still has."""


def find_similar(session: Session, actor: Actor, listing: Listing) -> list[SearchResult]:
    """Return a few open listings like ``listing`` (with topics); none without an index.

    They are of the same kind, share a topic with it, may be asked for now, and are of schools that
    are neither its own nor that of ``actor``. What is for a group of schools only is left out, so
    that the groups need not be read. The nearest stand first.
    """
    try:
        index = reader_of().snapshot(session, folder_of(current_app))
        # What is fresh is of the own school, which does not count here.
        engine = Engine(index.searcher, actor, known=index.vocabulary, memory=index.memory)
        hits = engine.recall_search(
            ("similar", listing.id, listing.version, today()),
            lambda: _hits(engine, actor, listing),
        )
        numbers = [hit.id for hit in hits]
        may_see = visible_to(actor, Listing)
        return read_results(session, numbers, actor.position, may_see)[:MOST_SHOWN]
    except BROKEN:
        reader_of(current_app).close()
        return []


def _hits(engine: Engine, actor: Actor, listing: Listing) -> list[Hit]:
    urns = [urn for urn in (listing.school_urn, actor.urn) if urn is not None]
    query = together(
        [
            (Occur.Must, any_of("topics", [topic.topic for topic in listing.topics])),
            (Occur.MustNot, silent(Query.term_set_query(schema(), "urn", urns))),
        ]
    )
    filters = Filters({"kind": (listing.kind,)}, may_be_asked=True)
    if actor.position is None:
        return engine.newest(query, filters, MOST_LOOKED_AT)
    return engine.nearest(query, filters, actor.position, MOST_LOOKED_AT)
