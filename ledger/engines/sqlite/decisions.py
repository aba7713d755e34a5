"""Deciding on SQLite whether the book takes a posting, while this connection alone may write.

The questions come in the order of the functions on PostgreSQL, so that the answers are the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from ledger.clock import LEEWAY, Clock, day_of, now
from ledger.engines.requests import MOST_MINUTES, Header, Outcome
from ledger.engines.sqlite import CONFIGURED
from ledger.errors import NotConfigured
from ledger.schema import EPOCH, MICROSECOND
from ledger.types import Override, Posting


@dataclass(slots=True)
class Row:
    """An account's balance row."""

    code: str
    id: int
    status: str
    floor: int | None
    ceiling: int | None
    posted: int
    held_out: int
    held_in: int
    version: int
    recorded_at: int


ACCOUNT = (
    "SELECT a.code, a.id, b.status, b.floor, b.ceiling, b.posted, b.held_out, b.held_in, b.version,"
    " b.recorded_at FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id WHERE "
)


class Decisions:
    """Accounts' rows and limits, keys, dates; part of `SqliteWriter`."""

    def __init__(self, connection: sa.Connection, clock: Clock | None) -> None:
        self._run = connection.exec_driver_sql
        self._clock = clock
        if not connection.info.get(CONFIGURED):
            raise NotConfigured(
                "This SQLite engine was not set up with ledger.sqlite.configure(engine); "
                "without it, postings made at the same time could be lost."
            )
        if connection.get_execution_options().get("read_only"):
            raise NotConfigured("This connection was opened for reading only.")
        if not self._run("PRAGMA foreign_keys").scalar():
            raise NotConfigured("Foreign keys are switched off on this SQLite connection.")

    def _seen(self, header: Header) -> Outcome | None:
        """What the key stands for, if it was used before."""
        row = self._run(
            "SELECT id, digest FROM ledger_transaction WHERE key = ?", (header.key,)
        ).one_or_none()
        if row is None:
            return None
        return Outcome("replayed" if row[1] == header.digest else "conflict", row[0])

    def _instant(self, rows: Sequence[Row]) -> datetime:
        """The clock, but after everything the accounts have seen, and not before the last close."""
        latest = max(row.recorded_at for row in rows) + 1
        if self._clock is not None:
            closed = self._run("SELECT max(closed_at) + 1 FROM ledger_period").scalar()
            latest = max(latest, closed or latest)
        return max(now(self._clock), EPOCH + timedelta(microseconds=latest))

    def _ahead(self, rows: Sequence[Row], recorded: datetime) -> Outcome | None:
        """The refusal, if what is recorded now would be dated ahead of the machine's clock."""
        clock = datetime.now(UTC)
        if recorded - clock <= LEEWAY:
            return None
        latest = max(rows, key=lambda row: row.recorded_at)
        return Outcome(
            "clock_ahead",
            account=latest.code,
            have=latest.recorded_at,
            need=(clock - EPOCH) // MICROSECOND,
        )

    def _date(
        self, header: Header, outcome: Outcome, rows: Iterable[Row], *, exempt: bool = False
    ) -> str:
        """Set the effective date, or say what is wrong with it.

        ``exempt`` is what may lie before its accounts were opened.
        """
        today = day_of(outcome.recorded)
        outcome.effective = header.effective or today
        if outcome.effective > today:
            return "future"
        if outcome.effective == today:
            return ""
        if self._run(
            "SELECT 1 FROM ledger_period WHERE ends_on >= ?", (outcome.effective.isoformat(),)
        ).first():
            return "period_closed"
        for row in () if exempt else rows:
            opened = self._run("SELECT opened_at FROM ledger_account WHERE id = ?", (row.id,))
            first = day_of(EPOCH + timedelta(microseconds=opened.scalar_one()))
            if outcome.effective < first:
                outcome.account, outcome.have = row.code, first.toordinal()
                return "before_opening"
        return ""

    def _decide(
        self,
        header: Header,
        postings: Sequence[Posting],
        *,
        reverses: int | None = None,
        override: Override | None = None,
        expires_at: datetime | None = None,
        imported: bool = False,
    ) -> tuple[Outcome, dict[str, Row]]:
        """Whether the postings may be posted (or held), in the order of the PostgreSQL function."""
        rows: dict[str, Row] = {}
        if seen := self._seen(header):
            return seen, rows
        change: Counter[str] = Counter()
        for code, amount in postings:
            change[code] += amount
        for code in change:
            found = self._run(ACCOUNT + "a.code = ?", (code,)).one_or_none()
            if found is None:
                return Outcome("unknown_account", account=code), rows
            rows[code] = Row(*found)
        for row in rows.values():
            if row.status != "open":
                return Outcome(row.status, account=row.code), rows
        recorded = self._instant(list(rows.values()))
        if ahead := self._ahead(list(rows.values()), recorded):
            return ahead, rows
        outcome = Outcome("done", recorded=recorded, postings=tuple(postings))
        if expires_at is not None and expires_at <= recorded:
            return replace(outcome, code="expiry"), rows
        exempt = imported or reverses is not None
        if fault := self._date(header, outcome, rows.values(), exempt=exempt):
            return replace(outcome, code=fault), rows
        if reverses is not None and (
            reversal := self._run(
                "SELECT id FROM ledger_transaction WHERE reverses_id = ?", (reverses,)
            ).scalar()
        ):
            return replace(outcome, code="reversed", have=reversal), rows
        if fault := self._limit(rows, change, outcome, overridden=override is not None):
            return replace(outcome, code=fault), rows
        return outcome, rows

    def _limit(
        self,
        rows: dict[str, Row],
        change: Counter[str],
        outcome: Outcome,
        *,
        overridden: bool = False,
    ) -> str:
        """The first limit broken, floors before ceilings, expired holds not counted."""
        for fault, sign in (("floor", -1), ("ceiling", 1)):
            for code, row in rows.items():
                needed = change[code] * sign
                if needed <= 0 or needed <= _margin(row, fault, overridden):
                    continue
                self._release_due(row, outcome.recorded)
                have = _margin(row, fault, overridden)
                if needed > have:
                    outcome.account, outcome.have, outcome.need = code, have, needed
                    return fault
        return ""

    def _levied(self, fund: Row, outcome: Outcome) -> str:
        """Why a fund cannot take its part of a settlement, if it cannot."""
        if fund.status != "open":
            outcome.account = fund.code
            return fund.status
        change = Counter({fund.code: outcome.postings[2].amount})
        return self._limit({fund.code: fund}, change, outcome)

    def _release_due(self, row: Row, instant: datetime) -> None:
        """Take expired holds off an account. The other side goes when its account is used."""
        due = self._run(
            "DELETE FROM ledger_held WHERE account_id = ? AND expires_at <= ?"
            " RETURNING side, minutes",
            (row.id, stored(instant)),
        ).all()
        if not due:
            return
        row.held_out -= sum(minutes for side, minutes in due if side == "out")
        row.held_in -= sum(minutes for side, minutes in due if side == "in")
        self._run(
            "UPDATE ledger_balance SET held_out = ?, held_in = ?, recorded_at = ?"
            " WHERE account_id = ?",
            (row.held_out, row.held_in, stored(instant), row.id),
        )


def stored(instant: datetime | None) -> int | None:
    """An instant as SQLite stores it."""
    return None if instant is None else (instant - EPOCH) // MICROSECOND


def _margin(row: Row, limit: str, overridden: bool) -> int:
    """Minutes the account can still give (floor) or take (ceiling), its own limits overridden."""
    if limit == "floor":
        floor = -MOST_MINUTES if overridden or row.floor is None else row.floor
        return row.posted - row.held_out - floor
    ceiling = MOST_MINUTES if overridden or row.ceiling is None else row.ceiling
    return ceiling - row.posted - row.held_in
