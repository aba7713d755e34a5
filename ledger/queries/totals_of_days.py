"""The totals of the trial balance at the end of days: of many at once, or of one from another's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.clock import beginning_of
from ledger.queries.trial_balances import TrialBalances, balances_of_day, day_values
from ledger.queries.versions import last_versions
from ledger.types import KnownTotals, TrialBalanceTotals

_account, _entry = schema.account, schema.entry
_backdated, _transaction = schema.backdated, schema.transaction


class TotalsOfDays(TrialBalances):
    """Totals without adding up each account; part of `ledger.queries.Reader`."""

    def totals_by_day(
        self, start: date, end: date, recorded_before: date | None
    ) -> Iterator[tuple[date, TrialBalanceTotals]]:
        """The totals at the end of each day of a span, in one pass over what moved on its days."""
        balances = self._balances_before(start, recorded_before)
        debit = -sum(balance for balance in balances.values() if balance < 0)
        credit = sum(balance for balance in balances.values() if balance > 0)
        moved = (
            sa.select(
                _transaction.c.effective,
                _entry.c.account_id,
                sa.func.sum(_entry.c.amount).label("amount"),
            )
            .join(_transaction, _transaction.c.id == _entry.c.transaction_id)
            .where(_transaction.c.effective >= _day(start), _transaction.c.effective <= _day(end))
            .group_by(_transaction.c.effective, _entry.c.account_id)
            .order_by(_transaction.c.effective)
        )
        if recorded_before is not None:
            moved = moved.where(_entry.c.recorded_at < _beginning(recorded_before))
        reached = start
        for row in self._connection.execute(moved):
            for day in _days(reached, row.effective):
                yield day, TrialBalanceTotals(len(balances), debit, credit)
            reached = row.effective
            old = balances[row.account_id]
            new = balances[row.account_id] = old + int(row.amount)
            debit += max(-new, 0) - max(-old, 0)
            credit += max(new, 0) - max(old, 0)
        for day in _days(reached, end):
            yield day, TrialBalanceTotals(len(balances), debit, credit)
        if start <= end:
            yield end, TrialBalanceTotals(len(balances), debit, credit)

    def totals_from(self, known: KnownTotals, day: date) -> TrialBalanceTotals:
        """The totals at the end of ``day``, from those known of it or of an earlier day.

        Only the accounts are looked into whose balances are not the same: something of theirs is
        effective between the two days, or was dated back since. One statement finds what was added
        and what the accounts have with it, so that nothing can commit in between.
        """
        counted, debit, credit = self._connection.execute(
            _changes(),
            _since(known.recorded_before, known.day) | day_values(day),
        ).one()
        return TrialBalanceTotals(counted, known.debit + int(debit), known.credit + int(credit))

    def dated_back_since(self, day: date) -> date | None:
        """The first day whose balances what was recorded since ``day`` may have changed.

        `ledger_backdated` has a row of an account for the day on which something was dated back,
        and one for each day that it was dated back to; which belongs to which it does not say.
        """
        recorded, to = _backdated.alias("recorded"), _backdated.alias("dated")
        return self._connection.execute(
            sa.select(sa.func.min(to.c.day))
            .join(recorded, recorded.c.account_id == to.c.account_id)
            .where(recorded.c.day >= day)
        ).scalar()

    def _balances_before(self, day: date, recorded_before: date | None) -> dict[int, int]:
        """Each account's balance when ``day`` begins, by the account's id."""
        if day == date.min:
            return dict.fromkeys(self._connection.execute(sa.select(_account.c.id)).scalars(), 0)
        before = day - timedelta(days=1)
        query = balances_of_day(None).add_columns(_account.c.id)
        if recorded_before is None:
            rows = self._connection.execute(query, day_values(before))
            return {row.id: int(row.sum) for row in rows}
        late = _dated_back_entries().subquery()
        since = (
            sa.select(late.c.account_id, sa.func.sum(late.c.amount).label("amount"))
            .group_by(late.c.account_id)
            .subquery()
        )
        query = query.add_columns(sa.func.coalesce(since.c.amount, 0).label("since")).outerjoin(
            since, since.c.account_id == _account.c.id
        )
        rows = self._connection.execute(query, _since(recorded_before, before) | day_values(before))
        return {row.id: int(row.sum) - int(row.since) for row in rows}


@cache
def _changes() -> sa.Select[Any]:
    """How many accounts there are, and what the columns have more than those that are known."""
    part = sa.union_all(
        _dated_back_entries(),
        sa.select(_entry.c.account_id, _entry.c.amount)
        .join(_transaction, _transaction.c.id == _entry.c.transaction_id)
        .where(
            _transaction.c.effective > sa.bindparam("known_day", type_=schema.Day),
            _transaction.c.effective <= sa.bindparam("day", type_=schema.Day),
        ),
    ).subquery()
    added = (
        sa.select(part.c.account_id, sa.func.sum(part.c.amount).label("amount"))
        .group_by(part.c.account_id)
        .cte("added")
    )
    there = balances_of_day(sa.select(added.c.account_id)).add_columns(_account.c.id).subquery()
    new: sa.ColumnElement[int] = there.c.sum
    old = new - added.c.amount
    return (
        sa.select(
            sa.select(sa.func.count()).select_from(_account).scalar_subquery(),
            _sum(_positive(-new) - _positive(-old)),
            _sum(_positive(new) - _positive(old)),
        )
        .select_from(there)
        .join(added, added.c.account_id == there.c.id)
    )


def _dated_back_entries() -> sa.Select[Any]:
    """The entries recorded since a day that are effective by an earlier one, ``known_day``.

    They were dated back, so their accounts are noted in `ledger_backdated` on the days on which
    they were recorded.
    """
    noted = (
        sa.select(_backdated.c.account_id)
        .where(_backdated.c.day >= sa.bindparam("since", type_=schema.Day))
        .distinct()
    )
    since = sa.bindparam("since_instant", type_=schema.Instant)
    before = last_versions(_entry.c.recorded_at < since, noted, "since")
    return (
        sa.select(_entry.c.account_id, _entry.c.amount)
        .join(
            before,
            sa.and_(
                before.c.account_id == _entry.c.account_id, _entry.c.version > before.c.version
            ),
        )
        .join(_transaction, _transaction.c.id == _entry.c.transaction_id)
        .where(_transaction.c.effective <= sa.bindparam("known_day", type_=schema.Day))
    )


def _since(day: date, known_day: date) -> dict[str, Any]:
    """What `_dated_back_entries` needs."""
    return {"since": day, "since_instant": beginning_of(day), "known_day": known_day}


def _day(day: date) -> sa.ColumnElement[date]:
    return sa.literal(day, schema.Day)


def _beginning(day: date) -> sa.ColumnElement[Any]:
    return sa.literal(beginning_of(day), schema.Instant)


def _positive(number: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.case((number > 0, number), else_=0)


def _sum(number: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(number), 0)


def _days(start: date, end: date) -> Iterator[date]:
    """The days from ``start`` to the one before ``end``."""
    return (date.fromordinal(number) for number in range(start.toordinal(), end.toordinal()))
