"""What is recorded of a transaction, read from the tables as a proof has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from ledger import schema
from ledger.seals.proofs import (
    AccountFacts,
    EntryFacts,
    Facts,
    HoldFacts,
    PartFacts,
    PeriodFacts,
)

_account, _entry, _transaction, _hold, _part, _event, _period = (
    schema.account,
    schema.entry,
    schema.transaction,
    schema.hold,
    schema.hold_part,
    schema.account_event,
    schema.period,
)


def recorded_facts(connection: sa.Connection, ids: Sequence[int]) -> dict[int, Facts]:
    """The facts of transactions by their number; one that is not there is left out."""
    entries: dict[int, list[EntryFacts]] = defaultdict(list)
    for id_, line, account, amount, version, balance, recorded in connection.execute(
        sa.select(
            _entry.c.transaction_id,
            _entry.c.line,
            _account.c.code,
            _entry.c.amount,
            _entry.c.version,
            _entry.c.balance,
            _entry.c.recorded_at,
        )
        .join(_account, _account.c.id == _entry.c.account_id)
        .where(_entry.c.transaction_id.in_(ids))
        .order_by(_entry.c.transaction_id, _entry.c.line)
    ):
        entries[id_].append(
            EntryFacts(line, account, amount, version, balance, microseconds(recorded))
        )
    source, target = _account.alias("source"), _account.alias("target")
    changed = _account.alias("changed")
    rows = connection.execute(
        sa.select(
            _transaction,
            source.c.code.label("source"),
            target.c.code.label("target"),
            _hold.c.minutes,
            _hold.c.expires_at.label("hold_expires"),
            _part.c.hold_id,
            _part.c.part,
            _part.c.settled,
            _part.c.remaining,
            _part.c.state,
            _part.c.expires_at.label("part_expires"),
            changed.c.code.label("changed"),
            changed.c.opened_at,
            _event.c.status,
            _event.c.name,
            _event.c.floor,
            _event.c.ceiling,
            _event.c.soft_floor,
            _event.c.soft_ceiling,
            _event.c.version,
            _period.c.ends_on,
            _period.c.closed_at,
        )
        .outerjoin(_hold, _hold.c.id == _transaction.c.id)
        .outerjoin(source, source.c.id == _hold.c.source_id)
        .outerjoin(target, target.c.id == _hold.c.target_id)
        .outerjoin(_part, _part.c.transaction_id == _transaction.c.id)
        .outerjoin(_event, _event.c.transaction_id == _transaction.c.id)
        .outerjoin(changed, changed.c.id == _event.c.account_id)
        .outerjoin(_period, _period.c.transaction_id == _transaction.c.id)
        .where(_transaction.c.id.in_(ids))
    )
    return {
        row.id: Facts(
            id=row.id,
            key=row.key,
            digest=row.digest.hex(),
            action=row.action,
            kind=row.kind,
            memo=row.memo,
            effective=row.effective.isoformat(),
            recorded=microseconds(row.recorded_at),
            actor=row.actor,
            reference=row.reference,
            entry_count=row.entry_count,
            reverses=row.reverses_id,
            override_actor=row.override_actor,
            override_reason=row.override_reason,
            hold=None
            if row.minutes is None
            else HoldFacts(row.source, row.target, row.minutes, _optional(row.hold_expires)),
            part=None
            if row.hold_id is None
            else PartFacts(
                row.hold_id,
                row.part,
                row.settled,
                row.remaining,
                row.state,
                _optional(row.part_expires),
            ),
            entries=tuple(entries[row.id]),
            account=None
            if row.changed is None
            else AccountFacts(
                row.changed,
                row.status,
                row.name,
                row.floor,
                row.ceiling,
                row.soft_floor,
                row.soft_ceiling,
                row.version,
                microseconds(row.opened_at) if row.action == "open" else None,
            ),
            period=None
            if row.ends_on is None
            else PeriodFacts(row.ends_on.isoformat(), microseconds(row.closed_at)),
        )
        for row in rows
    }


def microseconds(instant: datetime) -> int:
    """An instant as a proof has it: microseconds since 1970."""
    return (instant - schema.EPOCH) // schema.MICROSECOND


def _optional(instant: datetime | None) -> int | None:
    return None if instant is None else microseconds(instant)
