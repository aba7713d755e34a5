"""Closing periods: from then on nothing is effective in them, and every balance is on record."""

from __future__ import annotations

from datetime import UTC, date

import sqlalchemy as sa

from ledger import schema
from ledger.engines.requests import check_day, check_reason, day_of
from ledger.errors import InvalidDate
from ledger.operations.desk import Desk
from ledger.types import Period

_balance, _entry, _transaction, _period, _checkpoint = (
    schema.balance,
    schema.entry,
    schema.transaction,
    schema.period,
    schema.checkpoint,
)


def close(desk: Desk, ends_on: date, actor: str) -> Period:
    """Close the books through a day; see `ledger.Book.close_period`."""
    desk.check_no_group()
    desk.writer()
    check_reason("actor", actor, 200)
    if check_day(ends_on) is None:
        raise InvalidDate(None, "A period ends on a calendar date.")
    connection = desk.connection
    if connection.dialect.name == "postgresql":
        # EXCLUSIVE, not SHARE: whoever has locked rows to post holds ROW SHARE already, so the
        # close waits for them, and they pass ahead of it to write.
        connection.exec_driver_sql("LOCK TABLE ledger_balance IN EXCLUSIVE MODE")
    now = connection.execute(sa.select(desk.reader().now())).scalar_one().astimezone(UTC)
    latest = connection.execute(sa.select(sa.func.max(_balance.c.recorded_at))).scalar()
    closed_at = max(now, latest) if latest else now
    closed_through = desk.reader().closed_through()
    if ends_on >= day_of(closed_at):
        raise InvalidDate(ends_on, "Only a day that is over can be the last of a period.")
    if closed_through is not None and ends_on <= closed_through:
        raise InvalidDate(ends_on, f"The books are closed through {closed_through} already.")
    connection.execute(sa.insert(_period).values(ends_on=ends_on, closed_at=closed_at, actor=actor))
    connection.execute(_write_checkpoints(ends_on))
    return Period(ends_on, closed_at, actor)


def _write_checkpoints(ends_on: date) -> sa.Insert:
    """Each account's balance at the end of a day: its last checkpoint and what followed."""
    day = sa.literal(ends_on, schema.Day)
    earlier = sa.select(sa.func.max(_checkpoint.c.ends_on)).scalar_subquery()
    before = _checkpoint.alias("before")
    moved = (
        sa.select(_entry.c.account_id, sa.func.sum(_entry.c.amount).label("amount"))
        .join(_transaction, _transaction.c.id == _entry.c.transaction_id)
        .where(
            sa.or_(earlier.is_(None), _transaction.c.effective > earlier),
            _transaction.c.effective <= day,
        )
        .group_by(_entry.c.account_id)
        .subquery("moved")
    )
    balance = sa.func.coalesce(before.c.balance, 0) + sa.func.coalesce(moved.c.amount, 0)
    return sa.insert(_checkpoint).from_select(
        ["account_id", "ends_on", "version", "balance"],
        sa.select(_balance.c.account_id, day, _balance.c.version, balance)
        .select_from(_balance)
        .outerjoin(
            before,
            sa.and_(before.c.account_id == _balance.c.account_id, before.c.ends_on == earlier),
        )
        .outerjoin(moved, moved.c.account_id == _balance.c.account_id),
    )
