"""What a school has just posted, before the worker has brought it into the index."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
import tantivy
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.listings.models import Listing
from marketplace.search.index.documents import document, is_indexed, microseconds, read_facts
from marketplace.search.index.fields import schema
from marketplace.search.index.writing import HEAP
from marketplace.search.words.vocabulary import Vocabulary

FRESH_FOR = timedelta(hours=1)
MOST_FRESH = 50


def fresh_listings(
    session: Session, actor: Actor, searcher: tantivy.Searcher, known: Vocabulary
) -> tuple[tantivy.Searcher | None, list[int]]:
    """Return an index in memory of the actor's own listings that are not in the index as they are.

    It is written in the words of ``known``. With it come their numbers, and those of their
    withdrawn ones. It is for who has posted or changed a listing and looks for it at once; later,
    the worker has done it.
    """
    if actor.urn is None:
        return None, []
    rows = session.execute(
        sa.select(Listing.id, Listing.updated_at, is_indexed().label("is_indexed"))
        .where(Listing.school_urn == actor.urn, Listing.updated_at > clock.now() - FRESH_FOR)
        .order_by(Listing.updated_at.desc())
        .limit(MOST_FRESH)
    ).all()
    changed = {row.id: row.updated_at for row in rows}
    to_be_indexed = {row.id for row in rows if row.is_indexed}
    if not changed:
        return None, []
    query = tantivy.Query.term_set_query(schema(), "id", list(changed))
    hits = [address for _score, address in searcher.search(query, limit=MOST_FRESH).hits]
    numbers, instants = (searcher.fast_field_values(name, hits) for name in ("id", "updated"))
    indexed = dict(zip(numbers, instants, strict=True))
    stale = [
        number
        for number, updated_at in changed.items()
        if indexed.get(number) != microseconds(updated_at)
        and (number in indexed or number in to_be_indexed)
    ]
    if not stale:
        return None, []
    facts = read_facts(session, stale)
    if not facts:
        return None, stale
    index = tantivy.Index(schema())
    writer = index.writer(heap_size=HEAP, num_threads=1)
    for one in facts.values():
        writer.add_document(document(one, known))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return index.searcher(), stale
