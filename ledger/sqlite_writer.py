"""Writing on SQLite: the same verbs, decided here while this connection alone may write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ledger.allocation import split
from ledger.errors import NotConfigured
from ledger.records import Levy, Line, Override
from ledger.requests import MOST_MINUTES, Clock, Header, Outcome, day_of, now
from ledger.schema import EPOCH, MICROSECOND
from ledger.sqlite import CONFIGURED


@dataclass(slots=True)
class _Row:
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


_SELECT = (
    "SELECT a.code, a.id, b.status, b.floor, b.ceiling, b.posted, b.held_out, b.held_in, b.version,"
    " b.recorded_at FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id WHERE "
)


class SqliteWriter:
    """The verbs, under the write lock that BEGIN IMMEDIATE took."""

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

    def move(
        self, hold: bool, header: Header, lines: tuple[Line, Line], expires_at: datetime | None
    ) -> Outcome:
        """Transfer or hold minutes from the first line's account to the second's."""
        if not hold:
            return self.post(header, lines)
        outcome, rows = self._decide(header, lines, expires_at=expires_at)
        if outcome.code != "done":
            return outcome
        self._insert_transaction(outcome, "hold", header, None)
        minutes, expires = lines[1].amount, _stored(expires_at)
        source, target = (rows[line.account] for line in lines)
        self._run(
            "INSERT INTO ledger_hold (id, source_id, target_id, minutes, expires_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (outcome.id, source.id, target.id, minutes, expires),
        )
        for row, side in ((source, "out"), (target, "in")):
            self._run(
                "INSERT INTO ledger_held (account_id, hold_id, side, minutes, expires_at)"
                " VALUES (?, ?, ?, ?, ?)",
                (row.id, outcome.id, side, minutes, expires),
            )
            self._run(
                "UPDATE ledger_balance SET held_out = held_out + ?, held_in = held_in + ?,"
                " recorded_at = ? WHERE account_id = ?",
                (
                    minutes if side == "out" else 0,
                    minutes if side == "in" else 0,
                    _stored(outcome.recorded),
                    row.id,
                ),
            )
        return outcome

    def resolve(
        self,
        action: str,
        header: Header,
        hold_id: int,
        minutes: int | None,
        final: bool,
        expires_at: datetime | None,
        levy: Levy | None = None,
    ) -> Outcome:
        """Settle (with a levy perhaps), void or extend a hold."""
        if seen := self._seen(header):
            return seen
        held = self._run(
            "SELECT source_id, target_id, minutes, expires_at FROM ledger_hold WHERE id = ?",
            (hold_id,),
        ).one_or_none()
        if held is None:
            return Outcome("unknown_hold")
        source, target = (_Row(*self._run(_SELECT + "a.id = ?", (id_,)).one()) for id_ in held[:2])
        rows = {source.code: source, target.code: target}
        if levy:
            if levy.to in rows:
                return Outcome("levy_to", account=levy.to)
            found = self._run(_SELECT + "a.code = ?", (levy.to,)).one_or_none()
            if found is None:
                return Outcome("unknown_account", account=levy.to)
            rows[levy.to] = _Row(*found)
        recorded = self._instant(list(rows.values()))
        part, settled, remaining, state, expires = self._run(
            "SELECT part, settled, remaining, state, expires_at FROM ledger_hold_part"
            " WHERE hold_id = ? ORDER BY part DESC LIMIT 1",
            (hold_id,),
        ).one_or_none() or (0, 0, held[2], "open", held[3])
        moved = 0 if action != "settle" else remaining if minutes is None else minutes
        outcome = Outcome(
            "done",
            recorded=recorded,
            have=remaining,
            need=moved,
            lines=_settlement(source, target, moved, levy),
        )
        if state != "open":
            return replace(outcome, code=state)
        if expires is not None and expires <= _stored(recorded):
            return replace(outcome, code="expired")
        if moved > remaining:
            return replace(outcome, code="exceeds")
        if expires_at is not None and expires_at <= recorded:
            return replace(outcome, code="expiry")
        if fault := self._date(header, outcome):
            return replace(outcome, code=fault)
        if levy and len(outcome.lines) == 3 and (fault := self._levied(rows[levy.to], outcome)):
            return replace(outcome, code=fault)
        self._insert_transaction(outcome, action, header, len(outcome.lines) or None)
        release = 0 if action == "extend" else remaining if final else moved
        remaining -= release
        if action == "extend":
            expires = _stored(expires_at)
        state = "open" if remaining else "voided" if action == "void" else "settled"
        self._run(
            "INSERT INTO ledger_hold_part (hold_id, part, transaction_id, settled, remaining,"
            " state, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (hold_id, part + 1, outcome.id, settled + moved, remaining, state, expires),
        )
        both = (hold_id, source.id, target.id)
        if remaining:
            self._run(
                "UPDATE ledger_held SET minutes = ?, expires_at = ?"
                " WHERE hold_id = ? AND account_id IN (?, ?)",
                (remaining, expires, *both),
            )
        else:
            self._run("DELETE FROM ledger_held WHERE hold_id = ? AND account_id IN (?, ?)", both)
        if moved:
            self._insert_entries(outcome, outcome.lines, rows)
        touched = [(source, release, 0), (target, 0, release)]
        touched += [(rows[line.account], 0, 0) for line in outcome.lines[2:]]
        for row, given, taken in touched:
            self._run(
                "UPDATE ledger_balance SET posted = ?, version = ?, recorded_at = ?,"
                " held_out = held_out - ?, held_in = held_in - ? WHERE account_id = ?",
                (row.posted, row.version, _stored(recorded), given, taken, row.id),
            )
        return replace(outcome, have=remaining)

    def _levied(self, fund: _Row, outcome: Outcome) -> str:
        """Why a fund cannot take its part of a settlement, if it cannot."""
        if fund.status != "open":
            outcome.account = fund.code
            return fund.status
        change = Counter({fund.code: outcome.lines[2].amount})
        return self._limit({fund.code: fund}, change, outcome)

    def post(
        self,
        header: Header,
        lines: Sequence[Line],
        reverses: int | None = None,
        override: Override | None = None,
    ) -> Outcome:
        """Post lines to any number of accounts."""
        outcome, rows = self._decide(header, lines, reverses=reverses, override=override)
        if outcome.code != "done":
            return outcome
        action = "post" if reverses is None else "reverse"
        self._insert_transaction(outcome, action, header, len(lines), reverses, override)
        self._insert_entries(outcome, lines, rows)
        for row in rows.values():
            self._run(
                "UPDATE ledger_balance SET posted = ?, version = ?, recorded_at = ?,"
                " override_version = CASE WHEN ? THEN ? ELSE override_version END"
                " WHERE account_id = ?",
                (
                    row.posted,
                    row.version,
                    _stored(outcome.recorded),
                    override is not None,
                    row.version,
                    row.id,
                ),
            )
        return outcome

    def post_many(
        self, batch: Sequence[tuple[Header, Sequence[Line]]], atomic: bool
    ) -> tuple[list[Outcome], int | None]:
        """Post a batch; when atomic and refused, say at which place."""
        outcomes = []
        self._run("SAVEPOINT ledger_batch")
        for index, (header, lines) in enumerate(batch):
            outcomes.append(self.post(header, lines))
            if atomic and outcomes[-1].code not in ("done", "replayed"):
                self._run("ROLLBACK TO ledger_batch")
                self._run("RELEASE ledger_batch")
                return outcomes, index
        self._run("RELEASE ledger_batch")
        return outcomes, None

    def _seen(self, header: Header) -> Outcome | None:
        """What the key stands for, if it was used before."""
        row = self._run(
            "SELECT id, digest FROM ledger_transaction WHERE key = ?", (header.key,)
        ).one_or_none()
        if row is None:
            return None
        return Outcome("replayed" if row[1] == header.digest else "conflict", row[0])

    def _instant(self, rows: Sequence[_Row]) -> datetime:
        """The clock, but after everything the accounts have seen."""
        latest = max(row.recorded_at for row in rows)
        return max(now(self._clock), EPOCH + timedelta(microseconds=latest + 1))

    def _date(self, header: Header, outcome: Outcome) -> str:
        """Set the effective date, or say what is wrong with it."""
        today = day_of(outcome.recorded)
        outcome.effective = header.effective or today
        if outcome.effective > today:
            return "future"
        if (
            outcome.effective < today
            and self._run(
                "SELECT 1 FROM ledger_period WHERE ends_on >= ?", (outcome.effective.isoformat(),)
            ).first()
        ):
            return "period_closed"
        return ""

    def _decide(
        self,
        header: Header,
        lines: Sequence[Line],
        *,
        reverses: int | None = None,
        override: Override | None = None,
        expires_at: datetime | None = None,
    ) -> tuple[Outcome, dict[str, _Row]]:
        """Whether the lines may be posted (or held), in the order of the PostgreSQL function."""
        rows: dict[str, _Row] = {}
        if seen := self._seen(header):
            return seen, rows
        change: Counter[str] = Counter()
        for code, amount in lines:
            change[code] += amount
        for code in change:
            found = self._run(_SELECT + "a.code = ?", (code,)).one_or_none()
            if found is None:
                return Outcome("unknown_account", account=code), rows
            rows[code] = _Row(*found)
        for row in rows.values():
            if row.status != "open":
                return Outcome(row.status, account=row.code), rows
        recorded = self._instant(list(rows.values()))
        outcome = Outcome("done", recorded=recorded, lines=tuple(lines))
        if expires_at is not None and expires_at <= recorded:
            return replace(outcome, code="expiry"), rows
        if fault := self._date(header, outcome):
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
        rows: dict[str, _Row],
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

    def _release_due(self, row: _Row, instant: datetime) -> None:
        """Take expired holds off an account. The other side goes when its account is used."""
        due = self._run(
            "DELETE FROM ledger_held WHERE account_id = ? AND expires_at <= ?"
            " RETURNING side, minutes",
            (row.id, _stored(instant)),
        ).all()
        if not due:
            return
        row.held_out -= sum(minutes for side, minutes in due if side == "out")
        row.held_in -= sum(minutes for side, minutes in due if side == "in")
        self._run(
            "UPDATE ledger_balance SET held_out = ?, held_in = ?, recorded_at = ?"
            " WHERE account_id = ?",
            (row.held_out, row.held_in, _stored(instant), row.id),
        )

    def _insert_transaction(
        self,
        outcome: Outcome,
        action: str,
        header: Header,
        entry_count: int | None,
        reverses: int | None = None,
        override: Override | None = None,
    ) -> None:
        outcome.id = self._run(
            "INSERT INTO ledger_transaction (key, digest, action, kind, memo, effective,"
            " recorded_at, actor, reference, entry_count, reverses_id, override_actor,"
            " override_reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                header.key,
                header.digest,
                action,
                header.kind,
                header.memo,
                outcome.effective.isoformat(),
                _stored(outcome.recorded),
                header.actor,
                header.reference,
                entry_count,
                reverses,
                override and override.actor,
                override and override.reason,
            ),
        ).scalar_one()

    def _insert_entries(
        self, outcome: Outcome, lines: Sequence[Line], rows: dict[str, _Row]
    ) -> None:
        """Write the lines in order, moving the rows along; they are stored by the caller."""
        entries, versions, balances = [], [], []
        recorded = _stored(outcome.recorded)
        for number, (code, amount) in enumerate(lines, start=1):
            row = rows[code]
            row.version += 1
            row.posted += amount
            versions.append(row.version)
            balances.append(row.posted)
            entries.append(
                (row.id, row.version, outcome.id, amount, row.posted, recorded, number, len(lines))
            )
        self._run(
            "INSERT INTO ledger_entry (account_id, version, transaction_id, amount, balance,"
            " recorded_at, line, entry_count) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            entries,
        )
        outcome.versions, outcome.balances = versions, balances
        today = day_of(outcome.recorded)
        if outcome.effective != today:
            self._note_shift(entries, outcome.effective, today)

    def _note_shift(self, entries: Sequence[Any], effective: date, today: date) -> None:
        """Note what was recorded on another day than it belongs to."""
        for account_id, _, _, amount, *_ in entries:
            for day, shifted in ((effective, amount), (today, -amount)):
                self._run(
                    "INSERT INTO ledger_shift (account_id, day, amount) VALUES (?, ?, ?)"
                    " ON CONFLICT (account_id, day)"
                    " DO UPDATE SET amount = amount + excluded.amount",
                    (account_id, day.isoformat(), shifted),
                )


def _margin(row: _Row, limit: str, overridden: bool) -> int:
    """Minutes the account can still give (floor) or take (ceiling), its own limits overridden."""
    if limit == "floor":
        floor = -MOST_MINUTES if overridden or row.floor is None else row.floor
        return row.posted - row.held_out - floor
    ceiling = MOST_MINUTES if overridden or row.ceiling is None else row.ceiling
    return ceiling - row.posted - row.held_in


def _settlement(source: _Row, target: _Row, minutes: int, levy: Levy | None) -> tuple[Line, ...]:
    """The lines of a settlement, the levy's the third; none where nothing moves."""
    if not minutes:
        return ()
    rest, levied = split(minutes, levy.share) if levy else (minutes, 0)
    lines = (Line(source.code, -minutes), Line(target.code, rest))
    return (*lines, Line(levy.to, levied)) if levy and levied else lines


def _stored(instant: datetime | None) -> int | None:
    """An instant as SQLite stores it."""
    return None if instant is None else (instant - EPOCH) // MICROSECOND
