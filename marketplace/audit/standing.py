"""How the book stands: when it was last proved, and how far it is sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import schema
from marketplace.audit.verification.models import Result, VerificationRun

COUNTED_AT_MOST = 10_000
"""How many unsealed records are counted before it says "more than"."""


@dataclass(frozen=True, slots=True)
class LastSeal:
    """The newest seal; ``hash`` is its fingerprint in hexadecimal."""

    number: int
    hash: str
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class BookStanding:
    """What an auditor or a bursar asks of the book first.

    Attributes:
        verified_at: when the last verification that came to its end did so; None before any.
        run_id: its number, for its page.
        faults: how many it found; None before any.
        sealed_through: everything recorded up to this instant is sealed; None without a seal.
        last_seal: the newest seal.
        unsealed: how many records are in no seal yet; above ``COUNTED_AT_MOST`` there are more.
        unsealed_since: when the oldest of them was recorded.
    """

    verified_at: datetime | None
    run_id: int | None
    faults: int | None
    sealed_through: datetime | None
    last_seal: LastSeal | None
    unsealed: int
    unsealed_since: datetime | None

    @property
    def is_sound(self) -> bool:
        """Whether the last verification found nothing."""
        return self.faults == 0


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest verification that came to its end, and how many faults it found."""

    finished_at: datetime
    faults: int


def last_run(session: Session, at: datetime | None) -> LastRun | None:
    """Return the newest verification that had come to its end ``at`` an instant; None: by now."""
    run = VerificationRun
    query = sa.select(run.finished_at, run.fault_count).where(
        run.result.in_((Result.SOUND, Result.FAULTS))
    )
    if at is not None:
        query = query.where(run.finished_at <= at)
    row = session.execute(query.order_by(run.finished_at.desc(), run.id.desc()).limit(1)).first()
    return LastRun(row.finished_at, row.fault_count or 0) if row is not None else None


def book_standing(session: Session) -> BookStanding:
    """Return how the book stands: one statement.

    In a database that was restored to another server, what was recorded there counts as unsealed
    only from the next seal on, which finds it.
    """
    row = session.execute(_query(session.get_bind().dialect.name)).one()
    last_seal = None
    if row.number is not None:
        last_seal = LastSeal(row.number, row.hash.hex(), row.sealed_at)
    sealed_through = last_seal.sealed_at if last_seal else None
    if sealed_through is not None and row.oldest is not None:
        sealed_through = min(sealed_through, row.oldest)
    return BookStanding(
        verified_at=row.finished_at,
        run_id=row.run_id,
        faults=row.fault_count,
        sealed_through=sealed_through,
        last_seal=last_seal,
        unsealed=row.unsealed or 0,
        unsealed_since=row.oldest,
    )


@cache
def _query(dialect: str) -> sa.Select[Any]:
    """One row with all of it, made once: it is asked on every statement."""
    one_row = sa.select(sa.literal(1).label("one")).subquery("one_row")
    run, seal, unsealed = _last_run(), _last_seal(), _unsealed(dialect)
    return (
        sa.select(run, seal, unsealed)
        .select_from(one_row)
        .join(run, sa.true(), isouter=True)
        .join(seal, sa.true(), isouter=True)
        .join(unsealed, sa.true(), isouter=True)
    )


def _last_run() -> sa.Subquery:
    return (
        sa.select(
            VerificationRun.id.label("run_id"),
            VerificationRun.finished_at,
            VerificationRun.fault_count,
        )
        .where(VerificationRun.result.in_((Result.SOUND, Result.FAULTS)))
        .order_by(VerificationRun.id.desc())
        .limit(1)
        .subquery("last_run")
    )


def _last_seal() -> sa.Subquery:
    seal = schema.seal
    newest = sa.select(seal.c.number, seal.c.hash, seal.c.sealed_at)
    return newest.order_by(seal.c.number.desc()).limit(1).subquery("last_seal")


def _unsealed(dialect: str) -> sa.Subquery:
    """How many records are behind the last seal and in none, and since when."""
    record, leaf = schema.transaction, schema.seal_leaf
    place = record.c.xid if dialect == "postgresql" else record.c.id
    horizon = sa.select(schema.seal.c.horizon).order_by(schema.seal.c.number.desc()).limit(1)
    sealed = (
        sa.select(leaf.c.seal_number).where(leaf.c.transaction_id == record.c.id).scalar_subquery()
    )
    behind = (
        sa.select(record.c.recorded_at)
        .where(
            place >= sa.func.coalesce(horizon.scalar_subquery(), 0),
            # A question of its own for each record, of which there are few: joined, PostgreSQL
            # reads every leaf there is, because it cannot know where the last seal ends.
            sealed.is_(None),
        )
        .order_by(place)
        .limit(COUNTED_AT_MOST + 1)
        .subquery("behind")
    )
    return sa.select(
        sa.func.count().label("unsealed"), sa.func.min(behind.c.recorded_at).label("oldest")
    ).subquery("unsealed")
