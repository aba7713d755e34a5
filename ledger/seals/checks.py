"""Verifying seals: whether what was sealed still is what is recorded, and nothing slipped in."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.queries.servers import server_state
from ledger.seals import facts, proofs
from ledger.seals.sealing import BATCH, is_sealed, place, seal_facts, sealed_up_to
from ledger.types import Fault

RESTORED = "The book was restored from another server and is not sealed on this one yet: seal soon."

_transaction, _seal, _leaf = schema.transaction, schema.seal, schema.seal_leaf

_NOT_YET_GIVEN = """
SELECT t.id, t.xid FROM ledger_transaction t, pg_current_snapshot() AS snapshot
 WHERE t.xid >= pg_snapshot_xmax(snapshot)::text::bigint
   AND t.xid IS DISTINCT FROM pg_current_xact_id_if_assigned()::text::bigint
   AND NOT EXISTS (SELECT FROM ledger_seal_leaf l WHERE l.transaction_id = t.id)
 ORDER BY t.id
"""


class SealCheck:
    """The chain of seals, and on one seal out of ``share``, drawn at random, its transactions.

    The chain and the roots of all seals are always proved; comparing what is recorded with what
    was sealed means to read and hash everything, which costs far more. The newest seal is always
    among those compared.

    Attributes:
        compared: how many transactions were compared with what was sealed of them.
        remarks: what a person should know of the seals, though nothing is wrong.
    """

    def __init__(self, share: int = 1) -> None:
        self._share = share
        self.compared = 0
        self.remarks: list[str] = []

    def __call__(self, connection: sa.Connection) -> Iterator[Fault]:
        """Go through the chain of seals, leaf by leaf, a batch in memory at a time.

        Yields:
            Faults of the kinds ``altered-transaction`` (names the transaction that is no longer
            what was sealed, or is gone), ``broken-seal-chain`` (names the seal) and
            ``unsealed-transaction`` (names one that should be in a seal and is in none).
        """
        newest = connection.execute(sa.select(sa.func.max(_seal.c.number))).scalar()
        expected, previous = 1, proofs.NO_SEAL
        beginning: int | None = 0
        while (seal := _next(connection, expected)) is not None:
            if seal.number > expected:
                yield _broken(expected, _missing(expected, seal.number - 1))
            sealed = seal_facts(seal)
            if seal.previous != previous and seal.number == expected:
                yield _broken(seal.number, "does not follow on the hash of the seal before")
            altered = proofs.seal_hash(sealed) != seal.hash
            if altered:
                yield _broken(seal.number, "has another hash than its contents give")
            drawn = seal.number == newest or secrets.randbelow(self._share) == 0
            yield from _check_leaves(connection, seal, compare=drawn)
            # Of seals after a move, all with one horizon, the numbers are another server's.
            if drawn and not altered and beginning is not None and seal.horizon > beginning:
                yield from _misplaced(connection, seal, beginning)
            self.compared += seal.size if drawn else 0
            expected, previous = seal.number + 1, seal.hash
            beginning = None if altered else seal.horizon
        # In one statement, for a seal may have been made since the last one was seen.
        first, last, top = connection.execute(
            sa.select(
                sa.select(sa.func.min(_leaf.c.seal_number)).scalar_subquery(),
                sa.select(sa.func.max(_leaf.c.seal_number)).scalar_subquery(),
                sa.select(sa.func.max(_seal.c.number)).scalar_subquery(),
            )
        ).one()
        if last is not None and last > (top or 0):
            yield _broken(last, "has leaves, but is missing")
        if first is not None and first < 1:
            yield _broken(first, "has leaves, but cannot be")
        yield from self._check_unsealed(connection)

    def _check_unsealed(self, connection: sa.Connection) -> Iterator[Fault]:
        """Whether every transaction that the seals go beyond is in one of them.

        Not where the book came from another server: numbers of that one say nothing on this.
        """
        if connection.dialect.name == "sqlite":
            horizon = sealed_up_to(connection)
        else:
            state = server_state(connection)
            horizon = state.horizon
            if not (state.comparable or state.known):
                self.remarks.append(RESTORED)
                return
            if state.known:
                yield from _not_yet_given(connection)
        if horizon:  # else no seal goes beyond anything
            yield from _unsealed(connection, horizon)


def _missing(first: int, last: int) -> str:
    return "is missing" if first == last else f"is missing, and so is each up to seal {last}"


def _broken(number: int, message: str) -> Fault:
    return Fault("broken-seal-chain", f"seal {number}", message)


def _next(connection: sa.Connection, number: int) -> Any:
    """The seal of a number, or of the next there is."""
    query = sa.select(_seal).where(_seal.c.number >= number).order_by(_seal.c.number)
    return connection.execute(query.limit(1)).one_or_none()


def _check_leaves(connection: sa.Connection, seal: Any, *, compare: bool) -> Iterator[Fault]:
    """Whether a seal's leaves lead to its root, and (``compare``) are its transactions."""
    tree, gap = proofs.Tree(), False
    after: sa.ColumnElement[bool] = sa.true()  # tampering may have used any number
    while batch := connection.execute(
        sa.select(_leaf.c.position, _leaf.c.transaction_id, _leaf.c.hash)
        .where(_leaf.c.seal_number == seal.number, after)
        .order_by(_leaf.c.position)
        .limit(BATCH)
    ).all():
        ids = [row.transaction_id for row in batch]
        recorded = facts.recorded_facts(connection, ids) if compare else {}
        for row in batch:
            if compare:
                yield from _compare(row, recorded.get(row.transaction_id), seal.number)
            gap = gap or row.position != tree.size
            tree.add(row.hash)
        after = _leaf.c.position > batch[-1].position
    if gap or tree.size != seal.size:
        yield _broken(seal.number, f"has {tree.size} leaves of {seal.size}")
    elif tree.root() != seal.root:
        yield _broken(seal.number, "has another root than its leaves give")


def _misplaced(connection: sa.Connection, seal: Any, beginning: int) -> Iterator[Fault]:
    """A seal's transactions whose number is none of those that it goes over."""
    number = place(connection)
    rows = connection.execute(
        sa.select(_transaction.c.id, number.label("place"))
        .join(_leaf, _leaf.c.transaction_id == _transaction.c.id)
        .where(
            _leaf.c.seal_number == seal.number,
            sa.or_(number < beginning, number >= seal.horizon),
        )
        .order_by(_transaction.c.id)
    )
    for id_, at in rows:
        message = f"has the number {at}, but seal {seal.number} has {beginning} to {seal.horizon}"
        yield _altered(id_, message)


def _not_yet_given(connection: sa.Connection) -> Iterator[Fault]:
    """Transactions in no seal whose number this server of PostgreSQL has yet to give.

    They would wait for a seal until it has, and whoever follows the journal would stop before them.
    """
    for id_, xid in connection.exec_driver_sql(_NOT_YET_GIVEN).all():
        yield _altered(id_, f"has the number {xid}, which this server has not come to")


def _compare(row: Any, recorded: proofs.Facts | None, seal_number: int) -> Iterator[Fault]:
    """Whether a transaction is still what its leaf was made of."""
    if recorded is None:
        yield _altered(row.transaction_id, f"was sealed in seal {seal_number} and is gone")
    elif proofs.leaf(recorded) != row.hash:
        yield _altered(row.transaction_id, f"is not what was sealed in seal {seal_number}")


def _altered(transaction_id: int, message: str) -> Fault:
    return Fault("altered-transaction", f"transaction {transaction_id}", message)


def _unsealed(connection: sa.Connection, horizon: int) -> Iterator[Fault]:
    """Transactions below a horizon that are in no seal."""
    after: sa.ColumnElement[bool] = sa.true()
    while batch := (
        connection.execute(
            sa.select(_transaction.c.id)
            .where(
                after,
                place(connection) < horizon,
                ~is_sealed(_transaction.c.id),
            )
            .order_by(_transaction.c.id)
            .limit(BATCH)
        )
        .scalars()
        .all()
    ):
        for id_ in batch:
            message = "is in no seal, though a later one was made"
            yield Fault("unsealed-transaction", f"transaction {id_}", message)
        after = _transaction.c.id > batch[-1]
