"""The trial balance: every account's balance now or at an earlier time, whole, by pages, in sum."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.clock import day_of, end_of, now
from ledger.engines.requests import storable
from ledger.queries.versions import AccountIds, Versions, last_versions
from ledger.types import TrialBalance, TrialBalanceRow, TrialBalanceTotals

_account, _balance, _entry = schema.account, schema.balance, schema.entry
_backdated = schema.backdated


class TrialBalances(Versions):
    """All accounts' balances; part of `ledger.queries.Reader`."""

    def trial_balance(self, effective: date | None, recorded: datetime | None) -> TrialBalance:
        """Every account's balance, now, at the end of an effective date, or at an instant."""
        query, values = self._all_balances(effective, recorded)
        rows = _rows(self._connection.execute(query.order_by(_account.c.code), values).all())
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
        query, values = self._all_balances(effective, recorded, ids)
        return _rows(self._connection.execute(query.order_by(_account.c.code), values).all())

    def trial_balance_totals(
        self, effective: date | None, recorded: datetime | None
    ) -> TrialBalanceTotals:
        """How many accounts there are, and the sum of each column."""
        query, values = self._all_balances(effective, recorded)
        table = query.subquery()
        balance = table.c.sum
        accounts, debit, credit = self._connection.execute(
            sa.select(
                sa.func.count(),
                sa.func.coalesce(sa.func.sum(sa.case((balance < 0, -balance), else_=0)), 0),
                sa.func.coalesce(sa.func.sum(sa.case((balance > 0, balance), else_=0)), 0),
            ).select_from(table),
            values,
        ).one()
        return TrialBalanceTotals(accounts, int(debit), int(credit))

    def _all_balances(
        self,
        effective: date | None,
        recorded: datetime | None,
        ids: Sequence[int] | None = None,
    ) -> tuple[sa.Select[Any], dict[str, Any]]:
        """Code, name and balance ("sum") of every account, or of some; and what the query needs."""
        if effective is not None and recorded is not None:
            raise ValueError("a balance is asked for by effective date or by recorded instant")
        values: dict[str, Any] = {"ids": ids} if ids is not None else {}
        if recorded is not None:
            return _balances_recorded(ids is not None), values | {"instant": recorded}
        if effective is None or effective >= day_of(now(self._clock)):
            return _balances_now(ids is not None), values
        return _balances_of_day(ids is not None), values | day_values(effective)


def day_values(day: date) -> dict[str, Any]:
    """What `balances_of_day` needs, to be of the end of ``day``."""
    return {"day": day, "end_of_day": end_of(day)}


def balances_of_day(ids: AccountIds | None) -> sa.Select[Any]:
    """Code, name and balance ("sum") of every account, or of some, at the end of a day."""
    over = sa.bindparam("end_of_day", type_=schema.Instant)
    dated_back = (
        sa.select(sa.func.coalesce(sa.func.sum(_backdated.c.amount), 0))
        .where(
            _backdated.c.account_id == _account.c.id,
            _backdated.c.day <= sa.bindparam("day", type_=schema.Day),
        )
        .scalar_subquery()
    )
    balance = sa.func.coalesce(_entry.c.balance, 0) + dated_back
    return _with_versions(balance, _entry.c.recorded_at < over, ids)


# Each is made once: making it anew takes longer than the database needs for a page of accounts.


@cache
def _balances_of_day(some: bool) -> sa.Select[Any]:
    return balances_of_day(_some_ids(some))


@cache
def _balances_recorded(some: bool) -> sa.Select[Any]:
    balance = sa.func.coalesce(_entry.c.balance, 0)
    at = sa.bindparam("instant", type_=schema.Instant)
    return _with_versions(balance, _entry.c.recorded_at <= at, _some_ids(some))


@cache
def _balances_now(some: bool) -> sa.Select[Any]:
    query = sa.select(_account.c.code, _account.c.name, _balance.c.posted.label("sum"))
    query = query.join(_balance, _balance.c.account_id == _account.c.id)
    ids = _some_ids(some)
    return query if ids is None else query.where(_account.c.id.in_(ids))


def _some_ids(some: bool) -> sa.BindParameter[Any] | None:
    return sa.bindparam("ids", expanding=True) if some else None


def _with_versions(
    balance: sa.ColumnElement[Any], condition: sa.ColumnElement[bool], ids: AccountIds | None
) -> sa.Select[Any]:
    """Code, name and ``balance`` as of the last versions for which the condition holds."""
    versions = last_versions(condition, ids)
    query = (
        sa.select(_account.c.code, _account.c.name, balance.label("sum"))
        .join(versions, versions.c.account_id == _account.c.id)
        .outerjoin(
            _entry,
            sa.and_(
                _entry.c.account_id == versions.c.account_id,
                _entry.c.version == versions.c.version,
            ),
        )
    )
    return query if ids is None else query.where(_account.c.id.in_(ids))


def _rows(balances: Sequence[sa.Row[Any]]) -> tuple[TrialBalanceRow, ...]:
    return tuple(
        TrialBalanceRow(row.code, row.name, max(-int(row.sum), 0), max(int(row.sum), 0))
        for row in balances
    )
