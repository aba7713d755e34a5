"""Building the index out of the database, and keeping it up from the outbox."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
import tantivy
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.listings.models import Listing
from marketplace.outbox.models import OutboxEvent
from marketplace.search.index.documents import (
    BATCH,
    document,
    is_indexed,
    open_listings,
    read_facts,
)
from marketplace.search.index.fields import schema
from marketplace.search.index.folder import (
    IndexMissingError,
    State,
    current,
    new_generation,
    read_state,
    write_state,
    writing,
)
from marketplace.search.own_topics.keeping import forget_topics
from marketplace.search.own_topics.queries import listings_of_changes, said_of_words

OVERTAKEN_WITHIN = timedelta(minutes=10)
"""For so long a transaction may still commit an event with a lower number than a later one."""
LEFT_BEHIND = 500
"""The watermark follows events that are not of listings only when there are so many of them."""
HEAP = 15_000_000
"""The least bytes that the engine’s writer takes, for each of its threads."""
WHOLE_HEAP = 300_000_000
"""The most bytes that it takes to build all: the fewer parts an index has, the quicker it is."""
_OF_SCHOOLS = ("school.", "group.", "term_clock.", "calendar.")
_OF_TOPICS = "topic."
_OF_LISTINGS = ("listing.%", f"{_OF_TOPICS}%", *(f"{kind}%" for kind in _OF_SCHOOLS))

Tell = Callable[[int, int], None]


def rebuild(session: Session, folder: Path, tell: Tell | None = None) -> int:
    """Build the index anew beside the current one, then put it in its place; count the listings.

    ``tell`` is called with how many listings are done, and of how many.

    Raises:
        IndexBusyError: another process writes to it.
        OSError, ValueError: the folder cannot be written, or the disk is full.
    """
    with writing(folder), new_generation(folder) as generation:
        state = State(identity_of(session), *_watermark(session), clock.now().isoformat())
        forget_topics()
        state.additions = [list(astuple(one)) for one in said_of_words(session)]
        total = session.scalar(sa.select(sa.func.count()).where(is_indexed()))
        done = 0
        index = tantivy.Index(schema(), path=str(generation))
        writer = index.writer(heap_size=WHOLE_HEAP, num_threads=1)
        try:
            for batch in open_listings(session):
                for facts in batch:
                    writer.add_document(document(facts, state.vocabulary))
                done += len(batch)
                if tell is not None:
                    tell(done, max(total or 0, done))
            writer.commit()
        finally:
            writer.wait_merging_threads()
        write_state(generation, state)
    return done


def catch_up(session: Session, folder: Path) -> int:
    """Bring the current index up to the events that are not in it yet; count the listings.

    Raises:
        IndexMissingError: there is none that can be used, or it is of another database.
        IndexBusyError: another process writes to it.
        OSError, ValueError: it is broken or cannot be written.
    """
    generation = current(folder)
    state = read_state(generation)
    if state.identity != identity_of(session) or state.watermark > _newest(session):
        raise IndexMissingError("it is of another database")
    if not state.is_of(said_of_words(session)):
        raise IndexMissingError("the operator has changed the words of the search")
    events = session.execute(
        sa.select(OutboxEvent.id, OutboxEvent.type, OutboxEvent.data, OutboxEvent.school_urns)
        .where(
            OutboxEvent.id > state.watermark,
            sa.or_(*(OutboxEvent.type.like(kind) for kind in _OF_LISTINGS)),
        )
        .order_by(OutboxEvent.id)
    ).all()
    done = set(state.done)
    new = [event for event in events if event.id not in done]
    watermark, later = _watermark(session)
    if not new and watermark - state.watermark < LEFT_BEHIND:
        return 0
    listing_ids = {event.data["listing_id"] for event in new if "listing_id" in event.data}
    of_topics = [event for event in new if event.type.startswith(_OF_TOPICS)]
    if of_topics:
        forget_topics()
        changes = [event.data["topic_change_id"] for event in of_topics]
        listing_ids.update(listings_of_changes(session, changes))
    of_schools = [event for event in new if event.type.startswith(_OF_SCHOOLS)]
    urns = {urn for event in of_schools for urn in event.school_urns}
    if urns:
        listing_ids.update(
            session.scalars(sa.select(Listing.id).where(Listing.school_urn.in_(urns)))
        )
    with writing(folder):
        if current(folder) != generation:
            return 0  # a new generation has come in between
        if listing_ids:
            write(session, generation, sorted(listing_ids))
        # What was committed after the events were read is later, and not done.
        state.done = sorted((done | {event.id for event in new}) & set(later))
        state.watermark = watermark
        write_state(generation, state)
    return len(listing_ids)


def write(session: Session, generation: Path, listing_ids: Sequence[int]) -> None:
    """Write these listings into a generation as the database has them now, in one commit."""
    known = read_state(generation).vocabulary
    index = tantivy.Index.open(str(generation))
    writer = index.writer(heap_size=HEAP, num_threads=1)
    try:
        for part in _parts(listing_ids):
            facts = read_facts(session, part)
            # By a query: by a term, the engine finds no whole number.
            writer.delete_documents_by_query(
                tantivy.Query.term_set_query(schema(), "id", list(part))
            )
            for one in facts.values():
                writer.add_document(document(one, known))
        writer.commit()
    finally:
        # This also gives back the engine's own lock.
        writer.wait_merging_threads()


def identity_of(session: Session) -> str:
    """Return what tells this database from another: its first listing; empty if it has none."""
    first = session.execute(
        sa.select(Listing.id, Listing.created_at, Listing.idempotency_key)
        .order_by(Listing.id)
        .limit(1)
    ).one_or_none()
    return "" if first is None else hashlib.sha256(repr(tuple(first)).encode()).hexdigest()


def _watermark(session: Session) -> tuple[int, list[int]]:
    """The number up to which no event can come any more, and the later ones that are there."""
    settled = clock.now() - OVERTAKEN_WITHIN
    newest = _newest(session)
    later = session.scalars(
        sa.select(OutboxEvent.id)
        .where(OutboxEvent.occurred_at > settled, OutboxEvent.id <= newest)
        .order_by(OutboxEvent.id)
    ).all()
    return (later[0] - 1 if later else newest), list(later)


def _newest(session: Session) -> int:
    return session.scalar(sa.select(sa.func.max(OutboxEvent.id))) or 0


def _parts(listing_ids: Sequence[int]) -> Iterable[Sequence[int]]:
    for start in range(0, len(listing_ids), BATCH):
        yield listing_ids[start : start + BATCH]
