"""Reading the seals, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import schema
from marketplace.web.paging import Page, paginate

PAGE = 30


@dataclass(frozen=True, slots=True)
class SealRow:
    """A seal as its list shows it.

    ``last_record`` is the number of the last of the ``size`` records in it; a seal without any
    marks that the book was moved to another server. ``hash`` is its fingerprint.
    """

    number: int
    sealed_at: datetime
    size: int
    last_record: int | None
    hash: str


def list_seals(session: Session, *, after: str = "", limit: int = PAGE) -> Page[SealRow]:
    """Return a page of the seals, the newest first: one statement."""
    seal, leaf = schema.seal, schema.seal_leaf
    is_last = sa.and_(leaf.c.seal_number == seal.c.number, leaf.c.position == seal.c.size - 1)
    query = sa.select(
        seal.c.number, seal.c.sealed_at, seal.c.size, leaf.c.transaction_id, seal.c.hash
    ).join_from(seal, leaf, is_last, isouter=True)
    page = paginate(session, query, seal.c.number.desc(), after=after, limit=limit)
    return page.map(lambda row: SealRow(row[0], row[1], row[2], row[3], row[4].hex()))
