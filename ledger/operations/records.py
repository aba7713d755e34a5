"""Records that move nothing: what is done to accounts and periods, each once a key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from ledger import schema
from ledger.clock import LEEWAY, day_of
from ledger.engines.requests import Header, Outcome
from ledger.errors import LedgerError
from ledger.operations.desk import Desk
from ledger.operations.refusals import conflict
from ledger.queries import Reader

_transaction, _period = schema.transaction, schema.period


class _JustUsedError(Exception):
    """Another writer has used the key a moment ago."""


def once(desk: Desk, action: str, header: Header, carry_out: Callable[[], None]) -> bool:
    """Carry something out, unless its key was used before; return whether it was.

    That goes before any refusal of today. ``carry_out`` leaves nothing behind when it is refused.

    Raises:
        IdempotencyConflict: the key was used for something else. And what ``carry_out`` raises.
    """
    if _earlier(desk, action, header):
        return True
    try:
        carry_out()
    except (LedgerError, _JustUsedError):
        # Another writer may have done it while this one waited for its turn.
        if _earlier(desk, action, header):
            return True
        raise
    return False


def _earlier(desk: Desk, action: str, header: Header) -> bool:
    """Whether the key was used before, for the same.

    Raises:
        IdempotencyConflict: it was used for something else.
    """
    row = desk.connection.execute(
        sa.select(_transaction.c.id, _transaction.c.digest).where(_transaction.c.key == header.key)
    ).one_or_none()
    if row is None:
        return False
    if row.digest != header.digest:
        raise conflict(desk.reader(), action, header, Outcome("conflict", row.id))
    return True


def add(desk: Desk, action: str, header: Header, recorded: datetime) -> int:
    """Add the record of what `once` carries out, and return its number."""
    values = {
        "recorded_at": recorded,
        "effective": day_of(recorded),
        "action": action,
        "kind": header.kind,
        "key": header.key,
        "digest": header.digest,
        "memo": header.memo,
        "actor": header.actor,
        "reference": header.reference,
    }
    insert = sa.insert(_transaction).values(values)
    if desk.connection.dialect.name == "postgresql":  # SQLite has one writer at a time
        insert = (
            postgresql.insert(_transaction)
            .values(values)
            .on_conflict_do_nothing(index_elements=["key"])
        )
    id_ = desk.connection.scalar(insert.returning(_transaction.c.id))
    if id_ is None:
        raise _JustUsedError
    return id_


def instant(desk: Desk, *after: datetime) -> datetime:
    """The ledger's clock, but later than the instants given, and not before the last close."""
    connection = desk.connection
    now, real, closed = connection.execute(
        sa.select(
            desk.reader().now(),
            Reader(connection, None).now(),
            sa.select(sa.func.max(_period.c.closed_at, type_=schema.Instant)).scalar_subquery(),
        )
    ).one()
    # Of an account whose clock was ahead that is recorded now, so that it can be frozen. (Ahead of
    # the true clock, that is: the book's own may be one of the past.)
    latest = [moment + timedelta(microseconds=1) for moment in after if moment <= real + LEEWAY]
    if closed is not None:
        latest.append(closed + timedelta(microseconds=1))
    return max([now, *latest]).astimezone(UTC)
