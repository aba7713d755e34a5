"""Reading statements: a range of an account's versions, a page at a time."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import sqlalchemy as sa

from ledger import schema
from ledger.clock import beginning_of, end_of
from ledger.queries.connected import number
from ledger.queries.versions import Versions
from ledger.types import Statement, StatementLine

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
        first = 0
        if start is not None:
            first = self._version_at(id_, beginning_of(start), inclusive=False)
        if end is not None:
            last = self._version_at(id_, end_of(end), inclusive=False)
        else:
            last = self._connection.execute(
                sa.select(_balance.c.version).where(_balance.c.account_id == id_)
            ).scalar_one()
        low, high = first, max(first, last)
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
            self._balance_at(id_, max(first, last)),
            lines,
            str(lines[-1].seq) if 0 < limit < len(rows) else None,
        )

    def _counterparties(
        self, account_id: int, transactions: set[int]
    ) -> dict[int, tuple[str, ...]]:
        """The codes of the other accounts in each of the transactions."""
        rows = self._connection.execute(
            sa.select(_entry.c.transaction_id, _account.c.code)
            .join(_account, _account.c.id == _entry.c.account_id)
            .where(_entry.c.transaction_id.in_(transactions), _entry.c.account_id != account_id)
            .order_by(_entry.c.transaction_id, _entry.c.line)
        )
        others: dict[int, dict[str, None]] = defaultdict(dict)
        for transaction_id, code in rows:
            others[transaction_id][code] = None
        return {transaction_id: tuple(codes) for transaction_id, codes in others.items()}
