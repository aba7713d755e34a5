"""The index compared with the database, and put right where they differ."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tantivy
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.search.index.documents import open_listings
from marketplace.search.index.folder import current, read_state, write_state, writing
from marketplace.search.index.writing import write


@dataclass(frozen=True, slots=True)
class Differences:
    """Numbers of listings that the index has otherwise than the database."""

    missing: tuple[int, ...]
    """Open in the database, not in the index."""
    extra: tuple[int, ...]
    """In the index, but not open in the database."""
    other: tuple[int, ...]
    """In both, with other facts."""
    aged: tuple[int, ...] = ()
    """In both with the same facts, but the first day on which it can be had has passed."""

    @property
    def all(self) -> list[int]:
        """Every number that differs, but for what has only aged."""
        return sorted({*self.missing, *self.extra, *self.other})


def compare(session: Session, folder: Path) -> Differences:
    """Compare the current index with the database.

    Raises:
        IndexMissingError: there is none that can be used.
        OSError, ValueError: it is broken.
    """
    read_state(current(folder))
    indexed = _stamps(current(folder))
    missing, other, aged = [], [], []
    for batch in open_listings(session):
        for facts in batch:
            stamp, free_on = indexed.pop(facts.id, (None, None))
            if stamp is None:
                missing.append(facts.id)
            elif stamp != facts.stamp:
                other.append(facts.id)
            elif free_on != facts.free_on:
                aged.append(facts.id)
    return Differences(tuple(missing), tuple(sorted(indexed)), tuple(other), tuple(aged))


def mend(session: Session, folder: Path) -> Differences:
    """Write what differs anew, and note that the index was compared; return what differed.

    Raises:
        IndexMissingError: there is none that can be used.
        IndexBusyError: another process writes to it.
        OSError, ValueError: it is broken or cannot be written.
    """
    differences = compare(session, folder)
    with writing(folder):
        generation = current(folder)
        if listing_ids := [*differences.all, *differences.aged]:
            write(session, generation, listing_ids)
        state = read_state(generation)
        state.checked_at = clock.now().isoformat()
        write_state(generation, state)
    return differences


def _stamps(generation: Path) -> dict[int, tuple[int, int | None]]:
    """The stamp and the first free day of each listing."""
    searcher = tantivy.Index.open(str(generation)).searcher()
    if not searcher.num_docs:
        return {}
    hits = searcher.search(tantivy.Query.all_query(), limit=searcher.num_docs, count=False).hits
    addresses = [address for _score, address in hits]
    numbers: list[Any] = searcher.fast_field_values("id", addresses)
    stamps: list[Any] = searcher.fast_field_values("stamp", addresses)
    free_on: list[Any] = searcher.fast_field_values("free_on", addresses)
    return dict(zip(numbers, zip(stamps, free_on, strict=True), strict=True))
