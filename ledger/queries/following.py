"""Following the journal on PostgreSQL, so that nothing commits behind a reader's back.

Numbers of transactions are given before they commit, so in the order of numbers one that commits
late would be skipped. What is safe is the order of (xid, number), as far as every database
transaction with a lower xid has ended: a record has the xid of the transaction that wrote it, and
nothing can come any more with an xid below the lowest that is running. (With that one's own, all
comes at once when it commits; what it writes after having read itself has a higher number.)

xids are the server's own. In a book restored from another server, what came along may have any;
so what is in a seal goes first, in the order of the seals, and only the rest by xid. A seal has
its transactions in that same order, so in a book that stayed where it was this changes nothing.
Which seal was the newest when a reader began is part of the cursor. A seal of nothing says that
the book has moved to another server: cursors from before it have expired. Between the move and
that seal it cannot be told whose xids are whose; pages then go by number, and their cursors
expire with the seal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.errors import CursorExpired, InvalidText
from ledger.queries.servers import server_state
from ledger.types import Transaction

_transaction, _seal, _leaf = schema.transaction, schema.seal, schema.seal_leaf

# Whether anything comes after a position. Asked on pages, so it is no statement made anew.
_BEHIND = """
SELECT EXISTS (
         SELECT FROM ledger_seal_leaf l
          WHERE l.seal_number <= %(seal)s AND l.seal_number >= %(sealed_in)s
            AND (l.seal_number, l.position) > (%(sealed_in)s, %(sealed_at)s))
    OR EXISTS (
         SELECT FROM ledger_transaction t
          WHERE t.xid >= %(xid)s AND (t.xid, t.id) > (%(xid)s, %(number)s)
            AND (SELECT l.seal_number FROM ledger_seal_leaf l  -- looked up one by one
                  WHERE l.transaction_id = t.id AND l.seal_number <= %(seal)s) IS NULL)
"""

_CURSOR = re.compile(r"(~?\d{0,20})/(\d{1,18})/(\d{1,18})/(-?\d{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Position:
    """How far a reader has followed the journal.

    Attributes:
        server: the server's identifier, with a ``~`` where pages go by number.
        seal: the number of the newest seal when the reader began.
        settled: no transaction with a lower xid is running.
        sealed: the (seal, position) after which to go on among the sealed; None beyond them.
        unsealed: the (xid, number) after which to go on beyond them.
        number: that of the last transaction read.
    """

    server: str
    seal: int
    settled: int
    sealed: tuple[int, int] | None
    unsealed: tuple[int, int]
    number: int

    @classmethod
    def after(cls, connection: sa.Connection, cursor: str | None) -> Position:
        """Where a cursor stands, or the beginning of the journal.

        Raises:
            InvalidText: it is not a cursor of such a page.
            CursorExpired: the book has moved, or lost what the reader has seen.
        """
        state = server_state(connection)
        server = state.server if state.comparable else f"~{state.server}"
        if cursor is None:
            return cls(server, state.seal, state.settled, (0, -1), (state.horizon, -1), 0)
        match = _CURSOR.fullmatch(cursor)
        if match is None:
            raise InvalidText("cursor", cursor)
        seal, number, recorded = map(int, match.groups()[1:])
        last = _last_read(connection, number, seal)
        if (
            match[1] != server
            or seal > state.seal
            or last is None
            or last.moved
            or _microseconds(last.recorded_at) != recorded
        ):
            raise CursorExpired(cursor)
        if last.seal_number is not None and last.seal_number <= seal:
            sealed = (last.seal_number, last.position)
            return cls(server, seal, state.settled, sealed, (last.horizon, -1), number)
        return cls(server, seal, state.settled, None, (last.xid, number), number)

    def onward(self, query: sa.Select[Any], *, unsettled: bool = False) -> Iterator[sa.Select[Any]]:
        """What comes after, in order, one query after the other.

        ``unsettled``: also that beside which something may still commit.
        """
        transaction, leaf = _transaction.c, _leaf.c
        if self.server.startswith("~"):
            yield query.where(transaction.id > self.number).order_by(transaction.id)
            return
        if self.sealed is not None and self.seal:
            yield (
                query.join(_leaf, leaf.transaction_id == transaction.id)
                .where(
                    leaf.seal_number <= self.seal,
                    leaf.seal_number >= self.sealed[0],
                    sa.tuple_(leaf.seal_number, leaf.position) > self.sealed,
                )
                .order_by(leaf.seal_number, leaf.position)
            )
        among_sealed = sa.exists().where(
            leaf.transaction_id == transaction.id, leaf.seal_number <= self.seal
        )
        yield query.where(
            transaction.xid >= self.unsealed[0],
            sa.true() if unsettled else transaction.xid <= self.settled,
            sa.tuple_(transaction.xid, transaction.id) > self.unsealed,
            ~among_sealed,
        ).order_by(transaction.xid, transaction.id)

    def is_last(self, connection: sa.Connection) -> bool:
        """Whether nothing comes after it, be it settled or not: what `onward` would find, cheaply.

        Where pages go by number this says no.
        """
        if self.server.startswith("~"):
            return False
        sealed_in, sealed_at = self.sealed if self.sealed is not None else (self.seal + 1, 0)
        values = {
            "seal": self.seal,
            "sealed_in": sealed_in,
            "sealed_at": sealed_at,
            "xid": self.unsealed[0],
            "number": self.unsealed[1],
        }
        return not connection.exec_driver_sql(_BEHIND, values).scalar_one()

    def cursor(self, last: Transaction) -> str:
        """The cursor behind a transaction."""
        return f"{self.server}/{self.seal}/{last.id}/{_microseconds(last.recorded)}"


def _last_read(connection: sa.Connection, number: int, seal: int) -> Any:
    """The transaction that a cursor stands behind, and what became of the book since."""
    return connection.execute(_of_number(), {"number": number, "seal": seal}).one_or_none()


@cache
def _of_number() -> sa.Select[Any]:
    """The statement of `_last_read`, made once: making it anew takes longer than its answer."""
    seal = sa.bindparam("seal", type_=schema.BigInt)
    horizon = sa.select(_seal.c.horizon).where(_seal.c.number == seal).scalar_subquery()
    return (
        sa.select(
            _transaction.c.xid,
            _transaction.c.recorded_at,
            _leaf.c.seal_number,
            _leaf.c.position,
            horizon.label("horizon"),
            sa.exists().where(_seal.c.number > seal, _seal.c.size == 0).label("moved"),
        )
        .outerjoin(_leaf, _leaf.c.transaction_id == _transaction.c.id)
        .where(_transaction.c.id == sa.bindparam("number", type_=schema.BigInt))
    )


def _microseconds(instant: datetime) -> int:
    return (instant - schema.EPOCH) // schema.MICROSECOND
