"""The checklist before a period is closed: each check counts what is still open in it.

A feature registers a further one with `get_checks(app).append`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import Session

from ledger import schema
from ledger.clock import end_of
from marketplace import clock
from marketplace.audit.verification.models import Result, VerificationRun
from marketplace.exchanges.models import Exchange, State

KEY = "skillbank.closing_checks"


@dataclass(frozen=True, slots=True)
class ClosingCheck:
    """One line of the checklist.

    ``count`` returns how many things are open in the period that ends on a day: one statement.
    ``endpoint`` is the page where they are seen to, ``query`` what its address says besides.
    """

    label: str
    open_words: str
    count: Callable[[Session, date], int]
    endpoint: str
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A check with what it found."""

    check: ClosingCheck
    count: int


def init_app(app: Flask) -> None:
    """Add the checks that there are here."""
    app.extensions[KEY] = [*CHECKS]


def get_checks(app: Flask | None = None) -> list[ClosingCheck]:
    """Return the checks of ``app``, or of the running application."""
    checks: list[ClosingCheck] = (app or current_app).extensions[KEY]
    return checks


def check_period(session: Session, ends_on: date) -> list[CheckResult]:
    """Return every check with its count: one statement each."""
    return [CheckResult(check, check.count(session, ends_on)) for check in get_checks()]


def _count(session: Session, query: sa.Select[int]) -> int:
    return session.scalar(query) or 0


def _open_disputes(session: Session, ends_on: date) -> int:
    return _count(
        session,
        sa.select(sa.func.count()).where(
            Exchange.state == State.DISPUTED, Exchange.created_at < end_of(ends_on)
        ),
    )


def _holds_past_their_day(session: Session, ends_on: date) -> int:
    held = schema.held
    end = min(end_of(ends_on), clock.now())
    return _count(
        session,
        sa.select(sa.func.count()).where(held.c.side == "out", held.c.expires_at <= end),
    )


def _unconfirmed_deliveries(session: Session, ends_on: date) -> int:
    return _count(
        session,
        sa.select(sa.func.count()).where(
            Exchange.state == State.DELIVERED,
            Exchange.delivered_on <= ends_on,
            # Free help moves no credits when it is confirmed.
            Exchange.free_trust_id.is_(None),
        ),
    )


def _recorded_since_verified(session: Session, ends_on: date) -> int:
    """Records of the period that no verification without a fault has seen."""
    record = schema.transaction
    verified = sa.select(VerificationRun.head).where(VerificationRun.result == Result.SOUND)
    newest = verified.order_by(VerificationRun.id.desc()).limit(1).scalar_subquery()
    return _count(
        session,
        sa.select(sa.func.count()).where(
            record.c.id > sa.func.coalesce(newest, 0), record.c.effective <= ends_on
        ),
    )


def _unsealed(session: Session, ends_on: date) -> int:
    record, leaf = schema.transaction, schema.seal_leaf
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    place = record.c.xid if on_postgresql else record.c.id
    horizon = sa.select(schema.seal.c.horizon).order_by(schema.seal.c.number.desc()).limit(1)
    return _count(
        session,
        sa.select(sa.func.count()).where(
            place >= sa.func.coalesce(horizon.scalar_subquery(), 0),
            record.c.effective <= ends_on,
            ~sa.exists().where(leaf.c.transaction_id == record.c.id),
        ),
    )


HELD = {"kind": "hold", "order": "oldest"}
"""The journal of what is held for exchanges that are not confirmed."""

CHECKS = (
    ClosingCheck("Disputes", "not decided yet", _open_disputes, "disputes.queue"),
    ClosingCheck(
        "Holds past their day", "still held", _holds_past_their_day, "audit.journal", HELD
    ),
    ClosingCheck(
        "Deliveries in the period",
        "not confirmed yet",
        _unconfirmed_deliveries,
        "audit.journal",
        HELD,
    ),
    ClosingCheck(
        "Verified since the last posting",
        "records since the last verification without a fault",
        _recorded_since_verified,
        "audit.verifications",
    ),
    ClosingCheck("Sealed", "records in no seal yet", _unsealed, "audit.seals"),
)
