"""Reading statements: a range of an account's versions, a page at a time."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import sqlalchemy as sa

from ledger import schema
from ledger.clock import beginning_of, end_of
from ledger.queries.connected import number
from ledger.queries.versions import Versions
from ledger.types import Statement, StatementLine, Turnover

_account, _balance, _entry = schema.account, schema.balance, schema.entry
_transaction = schema.transaction


class Statements(Versions):
    """What happened on an account; part of `ledger.queries.Reader`."""

    def statement(
        self,
        code: str,
        start: date | None,
        end: date | None,
        after: str | None,
        limit: int,
        newest_first: bool,
    ) -> Statement:
        """A page of an account's entries recorded from ``start`` to ``end`` (days in London)."""
        id_ = self.account_id(code)
        first, last = low, high = self._span(id_, start, end)
        if after is not None:
            low, high = (low, number(after) - 1) if newest_first else (number(after), high)
        version = _entry.c.version
        rows = self._connection.execute(
            sa.select(
                version,
                _transaction.c.effective,
                _entry.c.recorded_at,
                _transaction.c.kind,
                _transaction.c.memo,
                _entry.c.amount,
                _entry.c.balance,
                _entry.c.transaction_id,
                _transaction.c.reference,
            )
            .join(_transaction, _transaction.c.id == _entry.c.transaction_id)
            .where(_entry.c.account_id == id_, version > low, version <= high)
            .order_by(version.desc() if newest_first else version)
            .limit(limit + 1)
        ).all()
        others = self._counterparties(id_, {row.transaction_id for row in rows})
        lines = tuple(
            StatementLine(*row, counterparties=others.get(row.transaction_id, ()))
            for row in rows[:limit]
        )
        return Statement(
            code,
            self._balance_at(id_, first),
            self._balance_at(id_, last),
            lines,
            str(lines[-1].seq) if 0 < limit < len(rows) else None,
        )

    def turnover(self, code: str, start: date | None, end: date | None) -> Turnover:
        """What an account gave and took by its entries recorded from ``start`` to ``end``."""
        id_ = self.account_id(code)
        first, last = self._span(id_, start, end)
        amount = _entry.c.amount
        given, taken = self._connection.execute(
            sa.select(
                sa.func.coalesce(sa.func.sum(sa.case((amount < 0, -amount))), 0),
                sa.func.coalesce(sa.func.sum(sa.case((amount > 0, amount))), 0),
            ).where(_entry.c.account_id == id_, _entry.c.version > first, _entry.c.version <= last)
        ).one()
        return Turnover(code, int(given), int(taken))

    def _span(self, account_id: int, start: date | None, end: date | None) -> tuple[int, int]:
        """The last version before ``start`` and the last one of ``end``, not below the first."""
        first = 0
        if start is not None:
            first = self._version_at(account_id, beginning_of(start), inclusive=False)
        if end is not None:
            last = self._version_at(account_id, end_of(end), inclusive=False)
        else:
            last = self._connection.execute(
                sa.select(_balance.c.version).where(_balance.c.account_id == account_id)
            ).scalar_one()
        return first, max(first, last)

    def _counterparties(
        self, account_id: int, transactions: set[int]
    ) -> dict[int, tuple[str, ...]]:
        """The codes of the other accounts in each of the transactions."""
        rows = self._connection.execute(
            sa.select(_entry.c.transaction_id, _account.c.code)
            .join(_account, _account.c.id == _entry.c.account_id)
            .where(
                schema.is_one_of(_entry.c.transaction_id, "transactions"),
                _entry.c.account_id != account_id,
            )
            .order_by(_entry.c.transaction_id, _entry.c.line),
            {"transactions": list(transactions)},
        )
        others: dict[int, dict[str, None]] = defaultdict(dict)
        for transaction_id, code in rows:
            others[transaction_id][code] = None
        return {transaction_id: tuple(codes) for transaction_id, codes in others.items()}
