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

    @property
    def all(self) -> list[int]:
        """Every number that differs."""
        return sorted({*self.missing, *self.extra, *self.other})


def compare(session: Session, folder: Path) -> Differences:
    """Compare the current index with the database.

    Raises:
        IndexMissingError: there is none that can be used.
        OSError, ValueError: it is broken.
    """
    read_state(current(folder))
    indexed = _stamps(current(folder))
    missing, other = [], []
    for batch in open_listings(session):
        for facts in batch:
            stamp = indexed.pop(facts.id, None)
            if stamp is None:
                missing.append(facts.id)
            elif stamp != facts.stamp:
                other.append(facts.id)
    return Differences(tuple(missing), tuple(sorted(indexed)), tuple(other))


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
        if differences.all:
            write(session, generation, differences.all)
        state = read_state(generation)
        state.checked_at = clock.now().isoformat()
        write_state(generation, state)
    return differences


def _stamps(generation: Path) -> dict[int, int]:
    searcher = tantivy.Index.open(str(generation)).searcher()
    if not searcher.num_docs:
        return {}
    hits = searcher.search(tantivy.Query.all_query(), limit=searcher.num_docs, count=False).hits
    addresses = [address for _score, address in hits]
    numbers: list[Any] = searcher.fast_field_values("id", addresses)
    stamps: list[Any] = searcher.fast_field_values("stamp", addresses)
    return dict(zip(numbers, stamps, strict=True))
