"""Reading transactions: one, or a page of the journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.engines.requests import is_number, storable
from ledger.errors import InvalidFilters, InvalidText, UnknownHold, UnknownTransaction
from ledger.queries.connected import number
from ledger.queries.effective_dates import Dated, first_line
from ledger.queries.following import Position
from ledger.queries.without_entries import parts_of
from ledger.types import Entry, JournalPage, Override, Transaction

_account, _entry = schema.account, schema.entry
_transaction, _part = schema.transaction, schema.hold_part


class Journal(Dated):
    """What was recorded; part of `ledger.queries.Reader`."""

    def transaction(self, transaction_id: int, *, replayed: bool = False) -> Transaction:
        """One record of the book with its entries."""
        if is_number(transaction_id):
            headers = self._headers(_header().where(_transaction.c.id == transaction_id))
            for transaction in self._transactions(headers, replayed=replayed):
                return transaction
        raise UnknownTransaction(transaction_id)

    def transaction_by_key(self, key: str) -> Transaction:
        """The record of the book that a key stands for, with its entries."""
        if isinstance(key, str) and storable(key):
            headers = self._headers(_header().where(_transaction.c.key == key))
            for transaction in self._transactions(headers):
                return transaction
        raise UnknownTransaction(key=key)

    def transactions(self, numbers: Iterable[int]) -> dict[int, Transaction]:
        """Records of the book with their entries, by number."""
        ids = [one for one in numbers if is_number(one)]
        if not ids:
            return {}
        headers = self._connection.execute(_headers_of(), {"ids": ids}).all()
        return {one.id: one for one in self._transactions(headers)}

    def hold_records(self, hold_id: int) -> list[Transaction]:
        """The record of a hold and those of what became of it, oldest first."""
        headers: list[Any] = []
        if is_number(hold_id):
            hold, part = schema.hold.c, _part.c
            ids = sa.union_all(
                sa.select(hold.id).where(hold.id == hold_id),
                sa.select(part.transaction_id).where(part.hold_id == hold_id),
            )
            query = _header().where(_transaction.c.id.in_(ids)).order_by(_transaction.c.id)
            headers = list(self._connection.execute(query))
        if not headers:
            raise UnknownHold(hold_id)
        return self._transactions(headers)

    def recorded_since(self, after: str | None, limit: int) -> list[Transaction]:
        """What stands behind a cursor of the whole journal now, oldest first."""
        if self._connection.dialect.name != "postgresql":
            after_number = 0 if after is None else number(after)
            values = {"after": after_number, "most": limit}
            return self._transactions(self._connection.execute(_headers_after(), values).all())
        position = Position.after(self._connection, after)
        if position.is_last(self._connection):
            return []
        steps = position.onward(_header(), unsettled=True)
        return self._transactions(self._headers(*steps, limit=limit))

    def _headers(self, *queries: sa.Select[Any], limit: int = 1) -> list[Any]:
        """What one query after the other gives, until it is ``limit`` headers."""
        headers: list[Any] = []
        for query in queries:
            if len(headers) < limit:
                headers += self._connection.execute(query.limit(limit - len(headers)))
        return headers

    def _transactions(self, headers: Sequence[Any], *, replayed: bool = False) -> list[Transaction]:
        """Transactions from their headers: the entries in one query, what moves none in another."""
        if not headers:
            return []
        moving = [row.id for row in headers if row.action in schema.MOVING]
        others = [row.id for row in headers if row.action not in schema.MOVING]
        parts = parts_of(self._connection, others) if others else {}
        entries: dict[int, list[Entry]] = defaultdict(list)
        if moving:
            values_of = {"ids": moving}
            for id_, *values in self._connection.execute(_entries_of(), values_of):
                entries[id_].append(Entry(*values))
        return [
            Transaction(
                id=row.id,
                key=row.key,
                action=row.action,
                kind=row.kind,
                memo=row.memo,
                effective=row.effective,
                recorded=row.recorded_at,
                actor=row.actor,
                reference=row.reference,
                entries=tuple(entries[row.id]),
                hold_id=row.hold_id,
                reverses=row.reverses_id,
                reversed_by=row.reversed_by,
                override=Override(row.override_actor, row.override_reason)
                if row.override_actor
                else None,
                replayed=replayed,
                **parts.get(row.id, {}),
            )
            for row in headers
        ]

    def journal(
        self,
        after: str | None,
        limit: int,
        newest_first: bool,
        *,
        account: str | None,
        kind: str | None,
        reference: str | None,
        start: date | None,
        end: date | None,
        everything: bool,
    ) -> JournalPage:
        """A page of transactions in the order of recording; by effective date if one is given."""
        if everything and account is not None:
            raise InvalidFilters(account)
        if not all(storable(text) for text in (kind, reference) if text is not None):
            return JournalPage((), None, after)  # no database can keep it, so nothing has it
        filters = (account, kind, reference, start, end)
        postgresql = self._connection.dialect.name == "postgresql"
        if postgresql and not newest_first and all(value is None for value in filters):
            return self._onward(after, limit, everything)
        table = _transaction.c
        by_date = start is not None or end is not None
        cursor: list[Any] = []
        if after is not None:
            day, _, last = after.rpartition("/")
            cursor = [_day(day), number(last)] if by_date else [number(last)]
        wanted = _recorded(everything)
        if kind is not None:
            wanted.append(table.kind == kind)
            if kind != "transfer":  # what the index leaves out because it is what most are
                wanted.append(sa.literal_column("kind <> 'transfer'"))
        if reference is not None:
            wanted += [table.reference == reference, sa.literal_column("reference <> ''")]
        query = _header().where(*wanted)
        order: list[Any] = [table.effective, table.id] if by_date else [table.id]
        steps: list[sa.ColumnElement[bool]] = [sa.true()]
        if account is not None and by_date:
            own, span = self.account_id(account), (start or date.min, end or date.max)
            steps = [
                table.id.in_(self._by_date(own, wanted, span, cursor, newest_first, limit + 1))
            ]
        elif by_date:
            query = query.where(table.effective.between(start or date.min, end or date.max))
            if cursor:
                steps = _after_day(cursor, newest_first)
        elif account is not None:
            query = self._along(query, self.account_id(account), cursor, newest_first)
            order = [_entry.c.version]
        if cursor and not by_date:
            steps = [_after(table.id, cursor[0], newest_first)]
        query = query.order_by(*(part.desc() if newest_first else part for part in order))
        headers = self._headers(*(query.where(step) for step in steps), limit=limit + 1)
        page = tuple(self._transactions(headers[:limit]))
        reached = after
        if page:
            reached = f"{page[-1].effective}/{page[-1].id}" if by_date else str(page[-1].id)
        return JournalPage(page, reached if 0 < limit < len(headers) else None, reached)

    def _onward(self, after: str | None, limit: int, everything: bool) -> JournalPage:
        """A page of the whole journal, oldest first, that nothing will ever slip into."""
        position = Position.after(self._connection, after)
        steps = position.onward(_header().where(*_recorded(everything)))
        headers = self._headers(*steps, limit=limit + 1)
        page = tuple(self._transactions(headers[:limit]))
        last = position.cursor(page[-1]) if page else after
        return JournalPage(page, last if 0 < limit < len(headers) else None, last)

    def _along(
        self, query: sa.Select[Any], account_id: int, cursor: list[Any], newest_first: bool
    ) -> sa.Select[Any]:
        """Go along one account's entries, from the cursor's on, and take each transaction once.

        A number is given to a transaction while its accounts are locked, so along an account the
        order of versions is that of transactions; its lines there have versions in a row.
        """
        own = _entry.c.account_id == account_id
        joined = query.join(_entry, sa.and_(_entry.c.transaction_id == _transaction.c.id, own))
        if cursor:
            reached = self._connection.execute(
                sa.select(sa.func.min(_entry.c.version)).where(
                    own, _entry.c.transaction_id == cursor[0]
                )
            ).scalar()
            if reached is not None:  # else the cursor is of another list: its number alone counts
                version = _entry.c.version
                joined = joined.where(version < reached if newest_first else version > reached)
        return joined.where(first_line(account_id))


_reversal = _transaction.alias("reversal")
_HEADER = (
    _transaction.c.id,
    _transaction.c.key,
    _transaction.c.action,
    _transaction.c.kind,
    _transaction.c.memo,
    _transaction.c.effective,
    _transaction.c.recorded_at,
    _transaction.c.actor,
    _transaction.c.reference,
    _transaction.c.reverses_id,
    _transaction.c.override_actor,
    _transaction.c.override_reason,
    _part.c.hold_id,
    sa.select(_reversal.c.id)
    .where(_reversal.c.reverses_id == _transaction.c.id)
    .correlate(_transaction)
    .scalar_subquery()
    .label("reversed_by"),
)


def _header() -> sa.Select[Any]:
    return sa.select(*_HEADER).outerjoin(_part, _part.c.transaction_id == _transaction.c.id)


# Each of these is made once: making it anew takes longer than the database needs for a page.


@cache
def _headers_of() -> sa.Select[Any]:
    return _header().where(schema.is_one_of(_transaction.c.id, "ids"))


@cache
def _headers_after() -> sa.Select[Any]:
    return (
        _header()
        .where(_transaction.c.id > sa.bindparam("after"))
        .order_by(_transaction.c.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


@cache
def _entries_of() -> sa.Select[Any]:
    return (
        sa.select(
            _entry.c.transaction_id,
            _account.c.code,
            _entry.c.amount,
            _entry.c.version,
            _entry.c.balance,
        )
        .join(_account, _account.c.id == _entry.c.account_id)
        .where(schema.is_one_of(_entry.c.transaction_id, "ids"))
        .order_by(_entry.c.transaction_id, _entry.c.line)
    )


def _recorded(everything: bool) -> list[sa.ColumnElement[bool]]:
    """That a record moved something, unless it is everything that is read."""
    return [] if everything else [_transaction.c.entry_count.is_not(None)]


def _after(column: sa.Column[Any], value: Any, newest_first: bool) -> sa.ColumnElement[bool]:
    """That a row comes after a value in the order."""
    return column < value if newest_first else column > value


def _after_day(cursor: list[Any], newest_first: bool) -> list[sa.ColumnElement[bool]]:
    """What is left of the cursor's day, then the other days.

    In one condition it would begin with the whole day on SQLite, whose index finds no pairs.
    """
    day, last = cursor
    effective = _transaction.c.effective
    return [
        sa.and_(effective == day, _after(_transaction.c.id, last, newest_first)),
        _after(effective, day, newest_first),
    ]


def _day(cursor: str) -> date:
    try:
        return date.fromisoformat(cursor)
    except ValueError:
        raise InvalidText("cursor", cursor) from None
