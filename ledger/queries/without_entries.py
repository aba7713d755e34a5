"""Reading what records that move nothing are about: accounts, holds and periods."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.types import AccountState, Reservation

_account, _event, _period = schema.account, schema.account_event, schema.period
_transaction, _hold, _part = schema.transaction, schema.hold, schema.hold_part


def parts_of(connection: sa.Connection, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What the records of these numbers are about, as fields of `Transaction`, by number."""
    rows = connection.execute(_parts(), {"ids": ids})
    return {row.id: _fields(row) for row in rows}


@cache
def _parts() -> sa.Select[Any]:
    """The query of the parts, made once: making it anew takes longer than asking it."""
    source, target = _account.alias("source"), _account.alias("target")
    return (
        sa.select(
            _transaction.c.id,
            _transaction.c.action,
            _account.c.code,
            _event.c.status,
            _event.c.name,
            _event.c.floor,
            _event.c.ceiling,
            _event.c.soft_floor,
            _event.c.soft_ceiling,
            _period.c.ends_on,
            source.c.code.label("source"),
            target.c.code.label("target"),
            _hold.c.minutes,
            _hold.c.expires_at,
            _part.c.settled,
            _part.c.remaining,
            _part.c.expires_at.label("extended_to"),
        )
        .outerjoin(_event, _event.c.transaction_id == _transaction.c.id)
        .outerjoin(_account, _account.c.id == _event.c.account_id)
        .outerjoin(_period, _period.c.transaction_id == _transaction.c.id)
        .outerjoin(_part, _part.c.transaction_id == _transaction.c.id)
        .outerjoin(_hold, _hold.c.id == sa.func.coalesce(_part.c.hold_id, _transaction.c.id))
        .outerjoin(source, source.c.id == _hold.c.source_id)
        .outerjoin(target, target.c.id == _hold.c.target_id)
        .where(schema.is_one_of(_transaction.c.id, "ids"))
    )


def _fields(row: Any) -> dict[str, Any]:
    """The fields of one record."""
    if row.action in schema.ON_ACCOUNTS:
        limits = (row.floor, row.ceiling, row.soft_floor, row.soft_ceiling)
        return {"change": AccountState(row.code, row.status, row.name, *limits)}
    if row.action in schema.ON_PERIODS:
        return {"closed_through": row.ends_on}
    minutes, expires_at = {
        "hold": (row.minutes, row.expires_at),
        "void": (row.minutes - (row.settled or 0), None),
        "extend": (row.remaining, row.extended_to),
    }[row.action]
    return {"reservation": Reservation(row.source, row.target, minutes, expires_at)}
