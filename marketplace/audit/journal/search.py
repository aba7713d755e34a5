"""Finding records of the ledger by criteria: in the index, and among what is not in it yet.

A list of records costs about the same however many the book has. If one criterion alone leaves few
records, these are looked through and sorted. If none does, the records are taken in the order of
an index until the page is full, and totals are of as many as are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Book, CursorExpired, InvalidText, Transaction
from marketplace.audit.journal.criteria import Criteria, Place
from marketplace.audit.journal.models import JournalIndex, JournalRow
from marketplace.audit.journal.records import UNMOVED_KINDS, FoundBy, found_by
from marketplace.audit.journal.sources import LOOKED_AT, choose_source

NOT_INDEXED = 2_000
"""So many records that are not in the index yet are looked through."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One record that fits, and where it stands in the list."""

    number: int
    place: Place
    out_of_hours: bool
    same_person: bool


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of records that fit; ``next`` is the cursor of the page after it, if there is one."""

    rows: list[Hit]
    next: str | None


@dataclass(frozen=True, slots=True)
class Totals:
    """How many records fit, and the minutes that they moved and held.

    ``exact`` is false where not all were looked at: then there may be more.
    """

    records: int
    moved: int
    held: int
    exact: bool


class JournalSearch:
    """The records that fit ``criteria``.

    What is not in the index is read once, here. ``is_behind`` says that it is more than is looked
    through, so that the newest records are not in the list.
    """

    def __init__(self, session: Session, criteria: Criteria) -> None:
        self._session = session
        self.criteria = criteria
        # Before the index, which the worker may add to meanwhile: what is in both counts once.
        since = _not_indexed(session)
        self.is_behind = since is None or len(since) > NOT_INDEXED
        self._since = [
            one for one in found_by(session, (since or [])[:NOT_INDEXED]) if criteria.fits(one)
        ]
        self._source = choose_source(session, criteria)

    def page(self, after: str | None, limit: int) -> Hits:
        """Return a page of at most ``limit`` records; a cursor that is none begins at the start."""
        newest_first = self.criteria.newest_first
        place = Place.read(self.criteria, after) if after else None
        hits = {}
        for number, effective, *flags in [
            *(
                (one.number, one.effective, one.out_of_hours, one.same_person)
                for one in self._since
            ),
            *self._session.execute(*self._source.page(place, limit + 1)),
        ]:
            hit = Hit(number, Place.of(self.criteria, effective, number), *flags)
            if place is None or (hit.place < place if newest_first else hit.place > place):
                hits[number] = hit
        rows = sorted(hits.values(), key=lambda hit: hit.place, reverse=newest_first)
        return Hits(rows[:limit], str(rows[limit - 1].place) if len(rows) > limit else None)

    def pages(self, size: int) -> Iterator[list[Hit]]:
        """Yield every record that fits, ``size`` at a time."""
        after = None
        while True:
            page = self.page(after, size)
            if page.rows:
                yield page.rows
            if page.next is None:
                return
            after = page.next

    def count(self) -> int:
        """Return how many records fit, all of them looked at: longer than a page may take."""
        indexed = self._session.execute(*self._source.count()).scalar_one()
        return int(indexed) + len(self._new())

    def totals(self) -> Totals:
        """Return how many records fit, and their minutes."""
        row = self._session.execute(*self._source.totals()).one()
        records, moved, held = int(row.records), int(row.moved or 0), int(row.held or 0)
        all_looked_at = self._source.is_narrow or row.looked_at <= LOOKED_AT
        for one in self._new():
            records += 1
            moved += 0 if one.kind in UNMOVED_KINDS else one.minutes or 0
            held += one.minutes or 0 if one.kind == "hold" else 0
        return Totals(records, moved, held, all_looked_at and not self.is_behind)

    def _new(self) -> list[FoundBy]:
        """What fits of that which is not in the index, nor has come into it meanwhile."""
        if not self._since:
            return []
        numbers = [one.number for one in self._since]
        indexed = set(
            self._session.scalars(
                sa.select(JournalRow.number).where(JournalRow.number.in_(numbers))
            )
        )
        return [one for one in self._since if one.number not in indexed]


def _not_indexed(session: Session) -> list[Transaction] | None:
    """What stands in the ledger and not in the index, oldest first; a little more than is read.

    None if the index is of the book as it was before it was restored: the worker makes it anew.
    """
    cursor = session.scalar(sa.select(JournalIndex.cursor))
    try:
        return Book(session).recorded_since(cursor, limit=NOT_INDEXED + 1)
    except (CursorExpired, InvalidText):
        return None
