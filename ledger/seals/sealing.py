"""Sealing: the transactions since the last seal are hashed into a chain; writers never wait."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.clock import Clock
from ledger.errors import HorizonBehind, NotSealed, SealBroken, UnknownTransaction
from ledger.operations.desk import Desk
from ledger.queries import Reader
from ledger.queries.servers import ServerState, server_state
from ledger.seals import facts, proofs
from ledger.seals.proofs import Proof, SealFacts
from ledger.types import Seal

MOST_LEAVES = 10_000
BATCH = 500
SEALING = 0x5EA11E06E2  # the number of the lock that sealers take on PostgreSQL

_book, _entry, _transaction, _part, _seal, _leaf = (
    schema.book,
    schema.entry,
    schema.transaction,
    schema.hold_part,
    schema.seal,
    schema.seal_leaf,
)


def seal(desk: Desk, *, after_restore: bool) -> list[Seal]:
    """Seal what was recorded since the last seal; see `ledger.Book.seal`."""
    desk.check_no_group()
    desk.writer()
    return _Sealer(desk.connection, desk.clock).run(after_restore)


def seals(connection: sa.Connection) -> list[Seal]:
    """Every seal, oldest first."""
    rows = connection.execute(sa.select(_seal).order_by(_seal.c.number))
    return [_seal_of(seal_facts(row), row.sealed_at) for row in rows]


def prove(connection: sa.Connection, transaction_id: int) -> Proof:
    """The proof that a transaction is in its seal; see `ledger.Book.prove`."""
    recorded = facts.recorded_facts(connection, [transaction_id]).get(transaction_id)
    if recorded is None:
        raise UnknownTransaction(transaction_id)
    own = connection.execute(
        sa.select(_leaf.c.position, _seal)
        .join(_seal, _seal.c.number == _leaf.c.seal_number)
        .where(_leaf.c.transaction_id == transaction_id)
    ).one_or_none()
    if own is None:
        raise NotSealed(transaction_id)
    hashes = connection.execute(
        sa.select(_leaf.c.hash).where(_leaf.c.seal_number == own.number).order_by(_leaf.c.position)
    )
    path = proofs.path_of(list(hashes.scalars()), own.position)
    proof = Proof(recorded, own.position, tuple(part.hex() for part in path), seal_facts(own))
    try:
        proofs.check(proof, own.hash.hex())
    except proofs.ProofError as error:
        raise SealBroken(transaction_id, str(error)) from error
    return proof


def _seal_of(sealed: SealFacts, sealed_at: datetime) -> Seal:
    return Seal(
        number=sealed.number,
        sealed_at=sealed_at,
        size=sealed.size,
        root=sealed.root,
        previous=sealed.previous,
        horizon=sealed.horizon,
        hash=proofs.seal_hash(sealed).hex(),
    )


def seal_facts(row: Any) -> SealFacts:
    """What the hash of a stored seal covers."""
    return SealFacts(
        number=row.number,
        previous=row.previous.hex(),
        size=row.size,
        root=row.root.hex(),
        horizon=row.horizon,
        sealed=facts.microseconds(row.sealed_at),
    )


def place(connection: sa.Connection) -> sa.ColumnElement[int]:
    """What a horizon is a number of: see `CurrentXid` in `ledger.schema.columns`."""
    postgresql = connection.dialect.name == "postgresql"
    return _transaction.c.xid if postgresql else _transaction.c.id


def sealed_up_to(connection: sa.Connection) -> int:
    """The horizon of the newest seal; 0 without one."""
    newest = sa.select(_seal.c.horizon).order_by(_seal.c.number.desc()).limit(1)
    return connection.execute(newest).scalar() or 0


def is_sealed(transaction_id: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Whether a transaction is in a seal."""
    return sa.exists().where(_leaf.c.transaction_id == transaction_id)


class _Sealer:
    """Makes seals on one connection, alone."""

    def __init__(self, connection: sa.Connection, clock: Clock | None) -> None:
        self._connection = connection
        self._clock = clock
        self._postgresql = connection.dialect.name == "postgresql"
        self._place = place(connection)

    def run(self, after_restore: bool) -> list[Seal]:
        """Make the seals that are due."""
        if not self._postgresql:
            top = int(self._execute(sa.select(sa.func.max(_transaction.c.id))).scalar() or 0) + 1
            start = sealed_up_to(self._connection)
            return list(self._moved(top) if after_restore else self._due(start, top))
        # One sealer at a time; not a table's lock, for which the production role has no right.
        self._execute(sa.select(sa.func.pg_advisory_xact_lock(SEALING)))
        state = server_state(self._connection)
        if after_restore or state.moved:
            seals = list(self._moved(state.settled))
        elif not state.comparable:
            raise HorizonBehind(state.settled, state.horizon)
        else:
            seals = list(self._due(state.horizon, state.settled))
        if state.server and not state.known:
            self._remember(state)
        return seals

    def _remember(self, state: ServerState) -> None:
        """Write down that the book was sealed on this server.

        Who posts into the past has a share in the row. Only in a book that has moved is it worth
        waiting for; otherwise the next seal does it.
        """
        free = sa.select(_book.c.id).with_for_update(key_share=True, skip_locked=not state.moved)
        if self._execute(free).first() is not None:
            self._execute(sa.update(_book).values(server=state.server))

    def _execute(self, statement: sa.Executable) -> sa.CursorResult[Any]:
        return self._connection.execute(statement)

    def _due(self, start: int, top: int) -> Iterator[Seal]:
        """Seal what has a number from ``start`` on and below ``top``."""
        horizon = self._closed(start, top)
        while start < horizon:
            end, ids = self._chunk(start, horizon)
            if ids:
                yield self._make(ids, end)
            start = end

    def _moved(self, top: int) -> Iterator[Seal]:
        """Mark with a seal of nothing that the numbers are another server's from here on.

        Then seal all that is visible and in no seal yet, whatever its number, lowest
        transaction first. No writer need wait for that:

        - What is visible stands only on what is visible, too, for that had committed before an
          account, an original or a hold could be locked by what stands on it. It has a lower
          transaction number, given under that lock. So the lowest that are in no seal, as many
          as one seal has, are a consistent cut.
        - What is not visible now has a number of this server that is not below ``top``, because
          every number below had ended when ``top`` was read, before; so does whatever comes
          later. The next seal begins at ``top`` and passes over what is in a seal.
        """
        yield self._make([], top)
        unsealed = ~is_sealed(_transaction.c.id)
        newest = sa.select(sa.func.max(_transaction.c.id)).where(unsealed)
        last = self._execute(newest).scalar() or 0
        due = sa.select(_transaction.c.id).where(unsealed, _transaction.c.id <= last)
        due = due.order_by(_transaction.c.id).limit(MOST_LEAVES)
        while ids := list(self._execute(due).scalars()):
            yield self._make(ids, top)

    def _closed(self, start: int, horizon: int) -> int:
        """Lower a horizon until nothing below it stands on something above.

        A transaction may have an early number and yet be written on top of one with a later
        number: a seal with the first and without the second would show an account's entry
        without the entry before it, a reversal without what it reverses, a settlement without
        its hold. It is the horizon that is lowered, so that seals go on to divide the numbers
        among them without gap or overlap.
        """
        if not self._postgresql:
            return horizon
        while horizon > start:
            lower = self._execute(_dangling(start, horizon)).scalar()
            if lower is None:
                break
            horizon = lower
        return horizon

    def _chunk(self, start: int, horizon: int) -> tuple[int, list[int]]:
        """The next seal's horizon and transactions: about `MOST_LEAVES`, all of each number."""
        most = MOST_LEAVES
        while True:
            end = self._closed(start, self._limit(start, horizon, most))
            within = (self._place >= start, self._place < end, ~is_sealed(_transaction.c.id))
            rows = self._execute(
                sa.select(_transaction.c.id).where(*within).order_by(self._place, _transaction.c.id)
            )
            ids = list(rows.scalars())
            if ids or end == horizon:
                return end, ids
            most *= 2

    def _limit(self, start: int, horizon: int, most: int) -> int:
        """The number at which ``most`` transactions are full, but at least one number on."""
        within = (self._place >= start, self._place < horizon)
        following = self._execute(
            sa.select(self._place)
            .where(*within)
            .order_by(self._place, _transaction.c.id)
            .offset(most)
            .limit(1)
        ).scalar()
        if following is None:
            return horizon
        first = self._execute(sa.select(sa.func.min(self._place)).where(*within)).scalar_one()
        return int(following if following > first else min(first + 1, horizon))

    def _make(self, ids: Sequence[int], horizon: int) -> Seal:
        """Write one seal with its leaves."""
        hashes: list[bytes] = []
        for first in range(0, len(ids), BATCH):
            batch = ids[first : first + BATCH]
            recorded = facts.recorded_facts(self._connection, batch)
            hashes += [proofs.leaf(recorded[id_]) for id_ in batch]
        last = self._execute(sa.select(_seal).order_by(_seal.c.number.desc()).limit(1)).first()
        number, previous = (last.number, last.hash) if last else (0, proofs.NO_SEAL)
        now = Reader(self._connection, self._clock).now()
        sealed_at = self._execute(sa.select(now)).scalar_one().astimezone(UTC)
        sealed = SealFacts(
            number=number + 1,
            previous=previous.hex(),
            size=len(ids),
            root=proofs.root_of(hashes).hex(),
            horizon=horizon,
            sealed=facts.microseconds(sealed_at),
        )
        seal = _seal_of(sealed, sealed_at)
        self._execute(
            sa.insert(_seal).values(
                number=seal.number,
                previous=previous,
                size=seal.size,
                root=bytes.fromhex(seal.root),
                horizon=horizon,
                sealed_at=sealed_at,
                hash=bytes.fromhex(seal.hash),
            )
        )
        if ids:
            self._connection.execute(
                sa.insert(_leaf),
                [
                    {
                        "transaction_id": id_,
                        "seal_number": seal.number,
                        "position": position,
                        "hash": hash_,
                    }
                    for position, (id_, hash_) in enumerate(zip(ids, hashes, strict=True))
                ],
            )
        return seal


def _dangling(start: int, horizon: int) -> sa.Select[Any]:
    """The lowest number below a horizon that stands on something unsealed above it."""
    above = _transaction.alias("above")
    entry, before = _entry.alias("entry"), _entry.alias("before")
    part, earlier = _part.alias("part"), _part.alias("earlier")
    own = sa.select(_transaction.c.xid)
    follows = (
        own.join(entry, entry.c.transaction_id == _transaction.c.id)
        .join(
            before,
            sa.and_(
                before.c.account_id == entry.c.account_id,
                before.c.version == entry.c.version - 1,
            ),
        )
        .join(above, above.c.id == before.c.transaction_id)
    )
    reverses = own.join(above, above.c.id == _transaction.c.reverses_id)
    resolves = own.join(part, part.c.transaction_id == _transaction.c.id).join(
        above, above.c.id == part.c.hold_id
    )
    goes_on = (
        own.join(part, part.c.transaction_id == _transaction.c.id)
        .join(
            earlier,
            sa.and_(earlier.c.hold_id == part.c.hold_id, earlier.c.part == part.c.part - 1),
        )
        .join(above, above.c.id == earlier.c.transaction_id)
    )
    found = sa.union_all(
        *(
            query.where(
                _transaction.c.xid >= start,
                _transaction.c.xid < horizon,
                above.c.xid >= horizon,
                ~is_sealed(above.c.id),
            )
            for query in (follows, reverses, resolves, goes_on)
        )
    ).subquery("found")
    return sa.select(sa.func.min(found.c.xid))
