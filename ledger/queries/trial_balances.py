"""The trial balance: every account's balance now or at an earlier time, whole, by pages, in sum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.clock import day_of, end_of, now
from ledger.engines.requests import storable
from ledger.queries.versions import Versions
from ledger.types import TrialBalance, TrialBalanceRow, TrialBalanceTotals

_account, _balance, _entry = schema.account, schema.balance, schema.entry
_backdated, _transaction = schema.backdated, schema.transaction


class TrialBalances(Versions):
    """All accounts' balances; part of `ledger.queries.Reader`."""

    def trial_balance(self, effective: date | None, recorded: datetime | None) -> TrialBalance:
        """Every account's balance, now, at the end of an effective date, or at an instant."""
        query = self._all_balances(effective, recorded).order_by(_account.c.code)
        rows = _rows(self._connection.execute(query).all())
        return TrialBalance(rows, sum(row.debit for row in rows), sum(row.credit for row in rows))

    def trial_balance_page(
        self, effective: date | None, recorded: datetime | None, after: str, limit: int
    ) -> tuple[TrialBalanceRow, ...]:
        """The next accounts behind the code ``after``; what it costs is theirs alone."""
        if not storable(after):
            return ()
        ids = (
            self._connection.execute(
                sa.select(_account.c.id)
                .where(_account.c.code > after)
                .order_by(_account.c.code)
                .limit(limit)
            )
            .scalars()
            .all()
        )
        query = self._all_balances(effective, recorded, ids).order_by(_account.c.code)
        return _rows(self._connection.execute(query).all())

    def trial_balance_totals(
        self, effective: date | None, recorded: datetime | None
    ) -> TrialBalanceTotals:
        """How many accounts there are, and the sum of each column."""
        table = self._all_balances(effective, recorded).subquery()
        balance = table.c.sum
        accounts, debit, credit = self._connection.execute(
            sa.select(
                sa.func.count(),
                sa.func.coalesce(sa.func.sum(sa.case((balance < 0, -balance), else_=0)), 0),
                sa.func.coalesce(sa.func.sum(sa.case((balance > 0, balance), else_=0)), 0),
            ).select_from(table)
        ).one()
        return TrialBalanceTotals(accounts, int(debit), int(credit))

    def totals_by_day(self, start: date, end: date) -> Iterator[tuple[date, TrialBalanceTotals]]:
        """The totals at the end of each day of a span, in one pass over what moved on its days."""
        balances = self._balances_before(start)
        debit = -sum(balance for balance in balances.values() if balance < 0)
        credit = sum(balance for balance in balances.values() if balance > 0)
        moved = self._connection.execute(
            sa.select(
                _transaction.c.effective,
                _entry.c.account_id,
                sa.func.sum(_entry.c.amount).label("amount"),
            )
            .join(_transaction, _transaction.c.id == _entry.c.transaction_id)
            .where(
                _transaction.c.effective >= sa.literal(start, schema.Day),
                _transaction.c.effective <= sa.literal(end, schema.Day),
            )
            .group_by(_transaction.c.effective, _entry.c.account_id)
            .order_by(_transaction.c.effective)
        )
        reached = start
        for row in moved:
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

    def _balances_before(self, day: date) -> dict[int, int]:
        """Each account's balance when ``day`` begins, by the account's id."""
        if day == date.min:
            return dict.fromkeys(self._connection.execute(sa.select(_account.c.id)).scalars(), 0)
        query = self._all_balances(day - timedelta(days=1), None).add_columns(_account.c.id)
        return {row.id: int(row.sum) for row in self._connection.execute(query)}

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

    def _all_balances(
        self,
        effective: date | None,
        recorded: datetime | None,
        account_ids: Sequence[int] | None = None,
    ) -> sa.Select[Any]:
        """Code, name and balance ("sum") of every account, or of some."""
        if effective is not None and recorded is not None:
            raise ValueError("a balance is asked for by effective date or by recorded instant")
        named = sa.select(_account.c.code, _account.c.name)
        if account_ids is not None:
            named = named.where(_account.c.id.in_(account_ids))
        balance: sa.ColumnElement[Any] = sa.func.coalesce(_entry.c.balance, 0)
        if recorded is not None:
            at = sa.literal(recorded, schema.Instant)
            versions = self._versions(_entry.c.recorded_at <= at, account_ids)
        elif effective is None or effective >= day_of(now(self._clock)):
            return named.add_columns(_balance.c.posted.label("sum")).join(
                _balance, _balance.c.account_id == _account.c.id
            )
        else:
            at = sa.literal(end_of(effective), schema.Instant)
            versions = self._versions(_entry.c.recorded_at < at, account_ids)
            balance += (
                sa.select(sa.func.coalesce(sa.func.sum(_backdated.c.amount), 0))
                .where(_backdated.c.account_id == _account.c.id, _backdated.c.day <= effective)
                .scalar_subquery()
            )
        return (
            named.add_columns(balance.label("sum"))
            .join(versions, versions.c.account_id == _account.c.id)
            .outerjoin(
                _entry,
                sa.and_(
                    _entry.c.account_id == versions.c.account_id,
                    _entry.c.version == versions.c.version,
                ),
            )
        )


def _rows(balances: Sequence[sa.Row[Any]]) -> tuple[TrialBalanceRow, ...]:
    return tuple(
        TrialBalanceRow(row.code, row.name, max(-int(row.sum), 0), max(int(row.sum), 0))
        for row in balances
    )


def _days(start: date, end: date) -> Iterator[date]:
    """The days from ``start`` to the one before ``end``."""
    return (date.fromordinal(number) for number in range(start.toordinal(), end.toordinal()))
