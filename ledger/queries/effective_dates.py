"""Finding the transactions of one account by effective date, without reading its whole history.

What is recorded on its own day is in the order of effective dates along the account's versions, so
its page is a range of versions found by halving. What was dated back is not; but `ledger_backdated`
has a row of the account for each day that something was dated back to, and for each day on which
that was recorded. The entries recorded on those days are looked through and sorted, so a page
costs as much more as was recorded on days when something was dated back to the dates asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.clock import beginning_of, end_of
from ledger.queries.versions import Versions, last_versions

_entry, _transaction = schema.entry, schema.transaction

MOST_RUNS = 100  # in one query; with more days than that, whatever lies between them is read


class Dated(Versions):
    """An account's transactions in the order of effective dates; part of `Journal`."""

    def _by_date(
        self,
        account_id: int,
        wanted: Sequence[sa.ColumnElement[bool]],
        span: tuple[date, date],
        cursor: Sequence[Any],
        newest_first: bool,
        most: int,
    ) -> list[int]:
        """The numbers of an account's next transactions that are effective in a span of days."""
        start, end = span
        own, version, table = _entry.c.account_id == account_id, _entry.c.version, _transaction.c
        # The range first and then the days: so no entry of the range was dated back unnoticed.
        low, high = self._versions_before(account_id, [beginning_of(start), end_of(end)])
        if cursor:
            reached = self._reached(account_id, *cursor, inclusive=not newest_first)
            low, high = (low, min(high, reached)) if newest_first else (max(low, reached), high)
        days = self._backdated_days(account_id, start)
        query = (
            sa.select(table.effective, table.id)
            .join(_entry, sa.and_(_entry.c.transaction_id == table.id, own))
            .where(first_line(account_id), *wanted)
            .limit(most)
        )
        on_time = query.where(version > low, version <= high)
        if days:
            on_time = on_time.where(table.effective >= start, table.effective.not_in(days))
        on_time = on_time.order_by(version.desc() if newest_first else version)
        found = list(self._connection.execute(on_time))
        if cursor:
            start, end = (start, min(end, cursor[0])) if newest_first else (cursor[0], end)
        if noted := [day for day in days if start <= day <= end]:
            runs = self._runs(account_id, [day for day in days if day >= noted[0]])
            order: list[Any] = [table.effective, table.id]
            moved = query.where(
                sa.or_(*(sa.and_(version > low, version <= high) for low, high in runs)),
                table.effective.in_(noted),
            ).order_by(*(part.desc() if newest_first else part for part in order))
            if cursor:
                here = sa.tuple_(*order)
                there = sa.tuple_(sa.literal(cursor[0], schema.Day), sa.literal(cursor[1]))
                moved = moved.where(here < there if newest_first else here > there)
            found += self._connection.execute(moved)
        found.sort(reverse=newest_first)
        return [id_ for _, id_ in found[:most]]

    def _reached(self, account_id: int, day: date, last: int, *, inclusive: bool) -> int:
        """The version that a cursor has come to among the entries recorded on their own day."""
        recorded, number = _entry.c.recorded_at, _entry.c.transaction_id
        begins, ends = (sa.literal(at, schema.Instant) for at in (beginning_of(day), end_of(day)))
        before = number <= last if inclusive else number < last
        found = last_versions(
            sa.or_(recorded < begins, sa.and_(recorded < ends, before)), [account_id]
        )
        return self._connection.execute(sa.select(found.c.version)).scalar_one()

    def _backdated_days(self, account_id: int, start: date) -> list[date]:
        """The days since ``start`` that something was dated back to, or dated back from."""
        day = schema.backdated.c.day
        return list(
            self._connection.execute(
                sa.select(day)
                .where(schema.backdated.c.account_id == account_id, day >= start)
                .order_by(day)
            ).scalars()
        )

    def _runs(self, account_id: int, days: Sequence[date]) -> list[tuple[int, int]]:
        """The ranges of versions (after the first, up to the second) recorded on these days."""
        if len(days) > MOST_RUNS:
            bounds = [beginning_of(days[0]), end_of(days[-1])]
        else:
            bounds = [bound for day in days for bound in (beginning_of(day), end_of(day))]
        versions = self._versions_before(account_id, bounds)
        return list(zip(versions[::2], versions[1::2], strict=True))


def first_line(account_id: int) -> sa.ColumnElement[bool]:
    """That an entry is the first of its transaction on the account: its lines follow in a row."""
    before = _entry.alias("before")
    return ~sa.exists().where(
        before.c.account_id == account_id,
        before.c.version == _entry.c.version - 1,
        before.c.transaction_id == _entry.c.transaction_id,
    )
