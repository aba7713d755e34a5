"""Writing on SQLite: the same verbs, decided here while this connection alone may write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from ledger.clock import day_of
from ledger.engines.requests import Header, Outcome
from ledger.engines.sqlite.decisions import ACCOUNT, Decisions, Row, stored
from ledger.shares import split
from ledger.types import Levy, Override, Posting


class SqliteWriter(Decisions):
    """The verbs, under the write lock that BEGIN IMMEDIATE took."""

    def move(
        self,
        hold: bool,
        header: Header,
        postings: tuple[Posting, Posting],
        expires_at: datetime | None,
    ) -> Outcome:
        """Transfer or hold minutes from the first posting's account to the second's."""
        if not hold:
            return self.post(header, postings)
        outcome, rows = self._decide(header, postings, expires_at=expires_at)
        if outcome.code != "done":
            return outcome
        self._insert_transaction(outcome, "hold", header, None)
        minutes, expires = postings[1].amount, stored(expires_at)
        source, target = (rows[posting.account] for posting in postings)
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
                    stored(outcome.recorded),
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
        source, target = (Row(*self._run(ACCOUNT + "a.id = ?", (id_,)).one()) for id_ in held[:2])
        rows = {source.code: source, target.code: target}
        if levy:
            if levy.to in rows:
                return Outcome("levy_to", account=levy.to)
            found = self._run(ACCOUNT + "a.code = ?", (levy.to,)).one_or_none()
            if found is None:
                return Outcome("unknown_account", account=levy.to)
            rows[levy.to] = Row(*found)
        recorded = self._instant(list(rows.values()))
        if ahead := self._ahead(list(rows.values()), recorded):
            return ahead
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
            postings=_settlement(source, target, moved, levy),
        )
        if state != "open":
            return replace(outcome, code=state)
        if expires is not None and expires <= stored(recorded):
            return replace(outcome, code="expired")
        if moved > remaining:
            return replace(outcome, code="exceeds")
        if expires_at is not None and expires_at <= recorded:
            return replace(outcome, code="expiry")
        touched = [rows[posting.account] for posting in outcome.postings] or list(rows.values())
        if fault := self._date(header, outcome, touched):
            return replace(outcome, code=fault)
        if levy and len(outcome.postings) == 3 and (fault := self._levied(rows[levy.to], outcome)):
            return replace(outcome, code=fault)
        self._insert_transaction(outcome, action, header, len(outcome.postings) or None)
        release = 0 if action == "extend" else remaining if final else moved
        remaining -= release
        if action == "extend":
            expires = stored(expires_at)
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
            self._insert_entries(outcome, outcome.postings, rows)
        changed = [(source, release, 0), (target, 0, release)]
        changed += [(rows[posting.account], 0, 0) for posting in outcome.postings[2:]]
        for row, given, taken in changed:
            self._run(
                "UPDATE ledger_balance SET posted = ?, version = ?, recorded_at = ?,"
                " held_out = held_out - ?, held_in = held_in - ? WHERE account_id = ?",
                (row.posted, row.version, stored(recorded), given, taken, row.id),
            )
        return replace(outcome, have=remaining)

    def post(
        self,
        header: Header,
        postings: Sequence[Posting],
        reverses: int | None = None,
        override: Override | None = None,
        imported: bool = False,
    ) -> Outcome:
        """Post to any number of accounts."""
        outcome, rows = self._decide(
            header, postings, reverses=reverses, override=override, imported=imported
        )
        if outcome.code != "done":
            return outcome
        action = "post" if reverses is None else "reverse"
        self._insert_transaction(outcome, action, header, len(postings), reverses, override)
        self._insert_entries(outcome, postings, rows)
        for row in rows.values():
            self._run(
                "UPDATE ledger_balance SET posted = ?, version = ?, recorded_at = ?,"
                " override_version = CASE WHEN ? THEN ? ELSE override_version END"
                " WHERE account_id = ?",
                (
                    row.posted,
                    row.version,
                    stored(outcome.recorded),
                    override is not None,
                    row.version,
                    row.id,
                ),
            )
        return outcome

    def post_many(
        self,
        batch: Sequence[tuple[Header, Sequence[Posting]]],
        atomic: bool,
        imported: bool = False,
    ) -> tuple[list[Outcome], int | None]:
        """Post a batch; when atomic and refused, say at which place."""
        outcomes = []
        self._run("SAVEPOINT ledger_batch")
        for index, (header, postings) in enumerate(batch):
            outcomes.append(self.post(header, postings, imported=imported))
            if atomic and outcomes[-1].code not in ("done", "replayed"):
                self._run("ROLLBACK TO ledger_batch")
                self._run("RELEASE ledger_batch")
                return outcomes, index
        self._run("RELEASE ledger_batch")
        return outcomes, None

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
                stored(outcome.recorded),
                header.actor,
                header.reference,
                entry_count,
                reverses,
                override and override.actor,
                override and override.reason,
            ),
        ).scalar_one()

    def _insert_entries(
        self, outcome: Outcome, postings: Sequence[Posting], rows: dict[str, Row]
    ) -> None:
        """Write the postings in order, moving the rows along; they are stored by the caller."""
        entries, versions, balances = [], [], []
        recorded = stored(outcome.recorded)
        for number, (code, amount) in enumerate(postings, start=1):
            row = rows[code]
            row.version += 1
            row.posted += amount
            versions.append(row.version)
            balances.append(row.posted)
            entries.append(
                (
                    row.id,
                    row.version,
                    outcome.id,
                    amount,
                    row.posted,
                    recorded,
                    number,
                    len(postings),
                )
            )
        self._run(
            "INSERT INTO ledger_entry (account_id, version, transaction_id, amount, balance,"
            " recorded_at, line, entry_count) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            entries,
        )
        outcome.versions, outcome.balances = versions, balances
        today = day_of(outcome.recorded)
        if outcome.effective != today:
            self._note_backdated(entries, outcome.effective, today)

    def _note_backdated(self, entries: Sequence[Any], effective: date, today: date) -> None:
        """Note what was recorded on another day than it belongs to."""
        for account_id, _, _, amount, *_ in entries:
            for day, moved in ((effective, amount), (today, -amount)):
                self._run(
                    "INSERT INTO ledger_backdated (account_id, day, amount) VALUES (?, ?, ?)"
                    " ON CONFLICT (account_id, day)"
                    " DO UPDATE SET amount = amount + excluded.amount",
                    (account_id, day.isoformat(), moved),
                )


def _settlement(source: Row, target: Row, minutes: int, levy: Levy | None) -> tuple[Posting, ...]:
    """The postings of a settlement, the levy's the third; none where nothing moves."""
    if not minutes:
        return ()
    rest, levied = split(minutes, levy.share) if levy else (minutes, 0)
    postings = (Posting(source.code, -minutes), Posting(target.code, rest))
    return (*postings, Posting(levy.to, levied)) if levy and levied else postings
