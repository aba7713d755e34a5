"""Closing periods: from then on nothing is effective in them, and every balance is on record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.base import Base
from ledger.errors import InvalidDate
from ledger.reading import Reader
from ledger.records import Fault, Period
from ledger.requests import check_day, check_reason, day_of
from ledger.witness import verb

_account, _balance, _entry, _transaction, _period, _checkpoint = (
    schema.account,
    schema.balance,
    schema.entry,
    schema.transaction,
    schema.period,
    schema.checkpoint,
)


class Periods(Base):
    """The verbs for periods; part of `ledger.Book`."""

    @verb
    def close_period(self, ends_on: date, *, actor: str) -> Period:
        """Close the books through a day for ever, and record every account's balance at its end.

        It waits for the transactions that have posted, and lets others wait: close in a
        transaction of its own, and commit at once.

        Raises:
            InvalidDate: the day is not over in London, or the books are closed through it already.
            InvalidText: nobody is named.
            NotInGroup: a group is under way; it would wait for others that wait for the group.
        """
        self._touch_any()
        self._write()
        check_reason("actor", actor, 200)
        if check_day(ends_on) is None:
            raise InvalidDate(None, "A period ends on a calendar date.")
        connection = self.connection
        if connection.dialect.name == "postgresql":
            # EXCLUSIVE, not SHARE: whoever has locked rows to post holds ROW SHARE already, so the
            # close waits for them, and they pass ahead of it to write.
            connection.exec_driver_sql("LOCK TABLE ledger_balance IN EXCLUSIVE MODE")
        now = connection.execute(sa.select(self._read().now())).scalar_one().astimezone(UTC)
        latest = connection.execute(sa.select(sa.func.max(_balance.c.recorded_at))).scalar()
        closed_at = max(now, latest) if latest else now
        closed_through = self._read().closed_through()
        if ends_on >= day_of(closed_at):
            raise InvalidDate(ends_on, "Only a day that is over can be the last of a period.")
        if closed_through is not None and ends_on <= closed_through:
            raise InvalidDate(ends_on, f"The books are closed through {closed_through} already.")
        connection.execute(
            sa.insert(_period).values(ends_on=ends_on, closed_at=closed_at, actor=actor)
        )
        connection.execute(_write_checkpoints(ends_on))
        return Period(ends_on, closed_at, actor)

    def periods(self) -> list[Period]:
        """The closed periods, oldest first."""
        rows = self.connection.execute(
            sa.select(_period.c.ends_on, _period.c.closed_at, _period.c.actor).order_by(
                _period.c.ends_on
            )
        )
        return [Period(*row) for row in rows]


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


def check_checkpoints(connection: sa.Connection) -> Iterator[Fault]:
    """Whether each checkpoint still is what the entries sum to, and what the book answers.

    Yields:
        Faults of the kind ``drifted-checkpoint``.
    """
    for code, ends_on, recorded, summed in connection.execute(_drifted()).all():
        yield Fault(
            "drifted-checkpoint",
            f"checkpoint {ends_on}, account {code}",
            f"was closed with {_minutes(recorded)}, but its entries sum to {summed}",
        )
    reader = Reader(connection, None)
    for ends_on in connection.execute(sa.select(_period.c.ends_on)).scalars().all():
        recorded_balances = connection.execute(
            sa.select(_account.c.code, _checkpoint.c.balance)
            .join(_account, _account.c.id == _checkpoint.c.account_id)
            .where(_checkpoint.c.ends_on == ends_on)
        )
        answers = {
            row.code: row.credit - row.debit for row in reader.trial_balance(ends_on, None).rows
        }
        for code, recorded in recorded_balances:
            if answers.get(code) != recorded:
                yield Fault(
                    "drifted-checkpoint",
                    f"checkpoint {ends_on}, account {code}",
                    f"was closed with {recorded}, but the book answers {answers.get(code)}",
                )


def _drifted() -> sa.Select[Any]:
    """Checkpoints that differ from the sum of the entries effective up to them, in one pass."""
    last = sa.select(sa.func.max(_period.c.ends_on)).scalar_subquery()
    within = (
        sa.select(sa.func.min(_period.c.ends_on))
        .where(_period.c.ends_on >= _transaction.c.effective)
        .correlate(_transaction)
        .scalar_subquery()
    )
    dated = (
        sa.select(_entry.c.account_id, _entry.c.amount, within.label("ends_on"))
        .join(_transaction, _transaction.c.id == _entry.c.transaction_id)
        .where(_transaction.c.effective <= last)
        .subquery("dated")
    )
    moved = (
        sa.select(dated.c.account_id, dated.c.ends_on, sa.func.sum(dated.c.amount).label("amount"))
        .group_by(dated.c.account_id, dated.c.ends_on)
        .subquery("moved")
    )
    summed = (
        sa.select(
            _account.c.code,
            _period.c.ends_on,
            _checkpoint.c.balance,
            sa.func.sum(sa.func.coalesce(moved.c.amount, 0))
            .over(partition_by=_account.c.id, order_by=_period.c.ends_on)
            .label("summed"),
        )
        .select_from(_account.join(_period, sa.true()))
        .outerjoin(
            _checkpoint,
            sa.and_(
                _checkpoint.c.account_id == _account.c.id,
                _checkpoint.c.ends_on == _period.c.ends_on,
            ),
        )
        .outerjoin(
            moved,
            sa.and_(moved.c.account_id == _account.c.id, moved.c.ends_on == _period.c.ends_on),
        )
        .subquery("summed")
    )
    return (
        sa.select(summed.c.code, summed.c.ends_on, summed.c.balance, summed.c.summed)
        .where(sa.func.coalesce(summed.c.balance, 0) != summed.c.summed)
        .order_by(summed.c.ends_on, summed.c.code)
    )


def _minutes(balance: int | None) -> str:
    return "no balance on record" if balance is None else str(balance)
