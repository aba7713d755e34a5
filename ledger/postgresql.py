"""Writing on PostgreSQL: each verb is one call of a function in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from ledger.records import Levy, Line, Override
from ledger.requests import Clock, Header, Outcome

_MOVE = "SELECT * FROM ledger_move(" + "%s, " * 12 + "%s)"
_RESOLVE = "SELECT * FROM ledger_resolve(" + "%s, " * 15 + "%s)"
_POST = (
    "SELECT * FROM ledger_post(%s, %s, %s, %s, %s, %s, %s, %s::text[], %s::bigint[], "
    "%s, %s, %s, %s)"
)
_POST_MANY = (
    "SELECT * FROM ledger_post_many(%s, %s::text[], %s::bytea[], %s::text[], %s::text[], "
    "%s::date[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], "
    "%s::bigint[], %s)"
)


class PostgresqlWriter:
    """The verbs, one round trip each."""

    def __init__(self, connection: sa.Connection, clock: Clock | None) -> None:
        self._connection = connection
        self._clock = clock

    def _now(self) -> datetime | None:
        """The caller's clock; without one, the database takes its own after its locks."""
        return self._clock() if self._clock else None

    def move(
        self, hold: bool, header: Header, lines: tuple[Line, Line], expires_at: datetime | None
    ) -> Outcome:
        """Transfer or hold minutes from the first line's account to the second's."""
        source, target = lines
        row = self._connection.exec_driver_sql(
            _MOVE,
            (
                hold,
                header.key,
                header.digest,
                header.kind,
                header.memo,
                header.effective,
                header.actor,
                header.reference,
                source.account,
                target.account,
                target.amount,
                expires_at,
                self._now(),
            ),
        ).one()
        outcome, id_, effective, recorded, out_version, out_balance, in_version, in_balance = row[
            :8
        ]
        return Outcome(
            outcome,
            id_,
            effective,
            recorded,
            (out_version, in_version),
            (out_balance, in_balance),
            row[8],
            row[9],
            row[10],
            lines,
        )

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
        row = self._connection.exec_driver_sql(
            _RESOLVE,
            (
                action,
                header.key,
                header.digest,
                header.kind,
                header.memo,
                header.effective,
                header.actor,
                header.reference,
                hold_id,
                minutes,
                final,
                expires_at,
                levy and levy.to,
                levy and levy.share.numerator,
                levy and levy.share.denominator,
                self._now(),
            ),
        ).one()
        outcome, id_, effective, recorded, out_version, out_balance, in_version, in_balance = row[
            :8
        ]
        fund_version, fund_balance, source, target, moved, levied, remaining, account = row[8:]
        versions, balances, lines = [out_version, in_version], [out_balance, in_balance], []
        if source:
            lines = [Line(source, -moved), Line(target, moved - levied)]
        if levy and levied:
            versions.append(fund_version)
            balances.append(fund_balance)
            lines.append(Line(levy.to, levied))
        return Outcome(
            outcome,
            id_,
            effective,
            recorded,
            versions,
            balances,
            account=account,
            have=remaining,
            need=moved,
            lines=tuple(lines),
        )

    def post(
        self,
        header: Header,
        lines: Sequence[Line],
        reverses: int | None = None,
        override: Override | None = None,
    ) -> Outcome:
        """Post lines to any number of accounts."""
        row = self._connection.exec_driver_sql(
            _POST,
            (
                header.key,
                header.digest,
                header.kind,
                header.memo,
                header.effective,
                header.actor,
                header.reference,
                [line.account for line in lines],
                [line.amount for line in lines],
                reverses,
                override and override.actor,
                override and override.reason,
                self._now(),
            ),
        ).one()
        outcome = Outcome(*row)
        outcome.lines = tuple(lines)
        return outcome

    def post_many(
        self, batch: Sequence[tuple[Header, Sequence[Line]]], atomic: bool
    ) -> tuple[list[Outcome], int | None]:
        """Post a batch; when atomic and refused, say at which place."""
        headers = [header for header, _ in batch]
        lines = [
            (posting, number, line)
            for posting, (_, lines) in enumerate(batch, start=1)
            for number, line in enumerate(lines, start=1)
        ]
        row = self._connection.exec_driver_sql(
            _POST_MANY,
            (
                atomic,
                [header.key for header in headers],
                [header.digest for header in headers],
                [header.kind for header in headers],
                [header.memo for header in headers],
                [header.effective for header in headers],
                [header.actor for header in headers],
                [header.reference for header in headers],
                [len(lines) for _, lines in batch],
                [posting for posting, _, _ in lines],
                [number for _, number, _ in lines],
                [line.account for _, _, line in lines],
                [line.amount for _, _, line in lines],
                self._now(),
            ),
        ).one()
        codes, ids, effectives, recorded, versions, balances, accounts, haves, needs, failed = row
        outcomes, place = [], 0
        for index in range(len(codes)):
            own = tuple(batch[index][1])
            after = place + len(own)
            outcomes.append(
                Outcome(
                    codes[index],
                    ids[index],
                    effectives[index],
                    recorded[index],
                    versions[place:after],
                    balances[place:after],
                    accounts[index] if accounts else "",
                    haves[index] if haves else 0,
                    needs[index] if needs else 0,
                    own,
                )
            )
            place = after
        return outcomes, failed - 1 if failed else None
