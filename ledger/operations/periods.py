"""Closing periods: from then on nothing is effective in them, and every balance is on record."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from ledger import schema
from ledger.clock import day_of, end_of
from ledger.engines import requests
from ledger.engines.requests import Header, check_day, check_reason
from ledger.errors import InvalidDate, NotConfigured, StillPosting
from ledger.operations import records
from ledger.operations.desk import Desk
from ledger.queries import under_way
from ledger.types import NoteFields, Period

_book, _balance, _entry, _transaction, _period, _checkpoint = (
    schema.book,
    schema.balance,
    schema.entry,
    schema.transaction,
    schema.period,
    schema.checkpoint,
)

PATIENCE = timedelta(seconds=10)
PAUSE = timedelta(milliseconds=50)


def close(desk: Desk, ends_on: date, fields: NoteFields) -> Period:
    """Close the books through a day; see `ledger.Book.close_period`."""
    desk.check_no_group()
    desk.writer()
    if check_day(ends_on) is None:
        raise InvalidDate(None, "A period ends on a calendar date.")
    header = requests.header({"close_period": ends_on.isoformat()}, kind="period", **fields)
    check_reason("actor", header.actor, 200)
    replayed = records.once(desk, "close_period", header, lambda: _close(desk, ends_on, header))
    closed = next(one for one in desk.reader().periods() if one.ends_on == ends_on)
    return replace(closed, replayed=replayed)


def _close(desk: Desk, ends_on: date, header: Header) -> None:
    connection = desk.connection
    if connection.dialect.name == "postgresql":
        _wait_for_writers(desk, end_of(ends_on))
        connection.execute(sa.select(_book.c.id).with_for_update())
    latest = connection.execute(sa.select(sa.func.max(_balance.c.recorded_at))).scalar()
    closed_at = records.instant(desk, *([latest] if latest else []))
    closed_through = desk.reader().closed_through()
    if ends_on >= day_of(closed_at):
        raise InvalidDate(ends_on, "Only a day that is over can be the last of a period.")
    if closed_through is not None and ends_on <= closed_through:
        raise InvalidDate(ends_on, f"The books are closed through {closed_through} already.")
    id_ = records.add(desk, "close_period", header, closed_at)
    connection.execute(
        sa.insert(_period).values(ends_on=ends_on, closed_at=closed_at, transaction_id=id_)
    )
    connection.execute(_write_checkpoints(ends_on))


def _wait_for_writers(desk: Desk, end: datetime) -> None:
    """Wait, without a lock, for who may have recorded something before the period was over.

    Whoever dates back is waited for at the book's row. This is for a transaction that recorded on
    the period's last day, as of that day, and has not committed yet.
    """
    connection = desk.connection
    isolation = connection.exec_driver_sql("SHOW transaction_isolation").scalar_one()
    if isolation != "read committed":
        raise NotConfigured(
            f"A period is closed in a transaction of READ COMMITTED, not of {isolation.upper()},"
            " which would not see what was posted meanwhile."
        )
    if end > datetime.now(UTC):
        return  # it will be refused
    deadline = time.monotonic() + PATIENCE.total_seconds()
    while (settled := under_way.settled_until(connection)) is None or settled < end:
        if time.monotonic() > deadline:
            raise StillPosting(end)
        time.sleep(PAUSE.total_seconds())


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
        ["account_id", "ends_on", "balance"],
        sa.select(_balance.c.account_id, day, balance)
        .select_from(_balance)
        .outerjoin(
            before,
            sa.and_(before.c.account_id == _balance.c.account_id, before.c.ends_on == earlier),
        )
        .outerjoin(moved, moved.c.account_id == _balance.c.account_id),
    )
