"""Reading the book: each question is one or two range scans or probes of an index.

An account's entries are numbered without gaps and carry the balance after them, and their
recorded instants never decrease; so a statement is a range of numbers, and the state at any
instant is found by halving the range.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.errors import InvalidText, UnknownAccount, UnknownHold, UnknownTransaction
from ledger.records import (
    Account,
    Entry,
    Head,
    Hold,
    JournalPage,
    Override,
    Statement,
    StatementLine,
    Transaction,
    TrialBalance,
    TrialBalanceRow,
)
from ledger.requests import Clock, day_of, end_of, now

_account, _balance, _entry = schema.account, schema.balance, schema.entry
_transaction, _hold, _part, _held = (
    schema.transaction,
    schema.hold,
    schema.hold_part,
    schema.held,
)


class Reader:
    """The questions, asked of one connection."""

    def __init__(self, connection: sa.Connection, clock: Clock | None) -> None:
        self._connection = connection
        self._clock = clock

    def now(self) -> sa.ColumnElement[datetime]:
        """The ledger's clock as an expression: on PostgreSQL it is the server's."""
        if self._connection.dialect.name == "sqlite":
            return sa.literal(now(self._clock), schema.Instant)
        server: sa.ColumnElement[datetime] = sa.func.clock_timestamp(type_=schema.Instant)
        if self._clock is None:
            return server
        return sa.func.least(
            sa.literal(self._clock(), schema.Instant), server, type_=schema.Instant
        )

    def accounts(self, codes: Iterable[str] | None) -> dict[str, Account]:
        """Accounts by code, as they stand (all of them, if no codes are given)."""
        due = {
            side: sa.select(sa.func.coalesce(sa.func.sum(_held.c.minutes), 0))
            .where(
                _held.c.account_id == _account.c.id,
                _held.c.side == side,
                _held.c.expires_at <= self.now(),
            )
            .scalar_subquery()
            for side in ("out", "in")
        }
        query = sa.select(
            _account.c.code,
            _account.c.name,
            _balance.c.status,
            _balance.c.floor,
            _balance.c.ceiling,
            _balance.c.posted,
            sa.case((_balance.c.held_out > 0, _balance.c.held_out - due["out"]), else_=0),
            sa.case((_balance.c.held_in > 0, _balance.c.held_in - due["in"]), else_=0),
            _balance.c.version,
        ).join(_balance, _balance.c.account_id == _account.c.id)
        if codes is not None:
            query = query.where(_account.c.code.in_(list(codes)))
        found = {}
        for row in self._connection.execute(query.order_by(_account.c.code)):
            code, name, status, floor, ceiling, posted, held_out, held_in, version = row
            found[code] = Account(
                code, name, status, floor, ceiling, posted, int(held_out), int(held_in), version
            )
        return found

    def account_id(self, code: str) -> int:
        """The number behind a code."""
        found = self._connection.execute(
            sa.select(_account.c.id).where(_account.c.code == code)
        ).scalar()
        if found is None:
            raise UnknownAccount(code)
        return found

    def balance(self, code: str, effective: date | None, recorded: datetime | None) -> int:
        """The balance now, at the end of an effective date, or at a recorded instant."""
        if effective is not None and recorded is not None:
            raise ValueError("a balance is asked for by effective date or by recorded instant")
        id_ = self.account_id(code)
        if recorded is not None:
            return self._balance_at(id_, self._version_at(id_, recorded))
        if effective is not None:
            version = self._version_at(id_, end_of(effective), inclusive=False)
            return self._balance_at(id_, version) + self._shifted(id_, effective)
        return self._connection.execute(
            sa.select(_balance.c.posted).where(_balance.c.account_id == id_)
        ).scalar_one()

    def _versions(self, condition: sa.ColumnElement[bool], account_id: int | None) -> sa.Subquery:
        """For each account (or one) its last version for which the condition still holds.

        The condition must hold for the entries up to some version and for none after it; the
        version is found by halving.
        """
        low = sa.cast(sa.literal(0), schema.BigInt)
        top = sa.select(_balance.c.account_id, low.label("low"), _balance.c.version.label("high"))
        if account_id is not None:
            top = top.where(_balance.c.account_id == account_id)
        probe = top.cte("probe", recursive=True)
        middle: sa.ColumnElement[int] = sa.literal_column("(probe.low + probe.high + 1) / 2")
        here = probe.join(
            _entry,
            sa.and_(_entry.c.account_id == probe.c.account_id, _entry.c.version == middle),
        )
        probe = probe.union_all(
            sa.select(
                probe.c.account_id,
                sa.case((condition, _entry.c.version), else_=probe.c.low),
                sa.case((condition, probe.c.high), else_=_entry.c.version - 1),
            )
            .select_from(here)
            .where(probe.c.low < probe.c.high)
        )
        return (
            sa.select(probe.c.account_id, probe.c.low.label("version"))
            .where(probe.c.low >= probe.c.high)
            .subquery()
        )

    def _version_at(self, account_id: int, instant: datetime, *, inclusive: bool = True) -> int:
        """The version of an account at (or just before) an instant."""
        at = sa.literal(instant, schema.Instant)
        condition = _entry.c.recorded_at <= at if inclusive else _entry.c.recorded_at < at
        found = self._versions(condition, account_id)
        return self._connection.execute(sa.select(found.c.version)).scalar_one()

    def _balance_at(self, account_id: int, version: int) -> int:
        if version == 0:
            return 0
        return self._connection.execute(
            sa.select(_entry.c.balance).where(
                _entry.c.account_id == account_id, _entry.c.version == version
            )
        ).scalar_one()

    def _shifted(self, account_id: int, effective: date) -> int:
        return int(
            self._connection.execute(
                sa.select(sa.func.coalesce(sa.func.sum(schema.shift.c.amount), 0)).where(
                    schema.shift.c.account_id == account_id, schema.shift.c.day <= effective
                )
            ).scalar_one()
        )

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
            day_before = date.fromordinal(start.toordinal() - 1)
            first = self._version_at(id_, end_of(day_before), inclusive=False)
        if end is not None:
            last = self._version_at(id_, end_of(end), inclusive=False)
        else:
            last = self._connection.execute(
                sa.select(_balance.c.version).where(_balance.c.account_id == id_)
            ).scalar_one()
        low, high = first, max(first, last)
        if after is not None:
            low, high = (low, _number(after) - 1) if newest_first else (_number(after), high)
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
            str(lines[-1].seq) if len(rows) > limit else None,
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

    def transaction(self, transaction_id: int, *, replayed: bool = False) -> Transaction:
        """One record of the book with its entries."""
        found = self._transactions(
            sa.select(*_HEADER)
            .outerjoin(_part, _part.c.transaction_id == _transaction.c.id)
            .where(_transaction.c.id == transaction_id),
            replayed=replayed,
        )
        if not found:
            raise UnknownTransaction(transaction_id)
        return found[0]

    def _transactions(self, query: sa.Select[Any], *, replayed: bool = False) -> list[Transaction]:
        """Headers, with the entries that belong to them in one more query."""
        headers = self._connection.execute(query).all()
        entries: dict[int, list[Entry]] = defaultdict(list)
        for id_, *values in self._connection.execute(
            sa.select(
                _entry.c.transaction_id,
                _account.c.code,
                _entry.c.amount,
                _entry.c.version,
                _entry.c.balance,
            )
            .join(_account, _account.c.id == _entry.c.account_id)
            .where(_entry.c.transaction_id.in_([row.id for row in headers]))
            .order_by(_entry.c.transaction_id, _entry.c.line)
        ):
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
                override=Override(row.override_actor, row.override_reason)
                if row.override_actor
                else None,
                replayed=replayed,
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
    ) -> JournalPage:
        """A page of transactions in the order of recording; by effective date if one is given."""
        table = _transaction.c
        query = (
            sa.select(*_HEADER)
            .outerjoin(_part, _part.c.transaction_id == table.id)
            .where(table.entry_count.is_not(None))
        )
        by_date = start is not None or end is not None
        order: list[Any] = [table.effective, table.id] if by_date else [table.id]
        cursor: list[Any] = []
        if after is not None:
            day, _, number = after.rpartition("/")
            cursor = [_number(number)]
            if by_date:
                cursor.insert(0, _day(day))
            here, there = sa.tuple_(*order), sa.tuple_(*map(_literal, order, cursor))
            query = query.where(here < there if newest_first else here > there)
        if start is not None:
            query = query.where(table.effective >= start)
        if end is not None:
            query = query.where(table.effective <= end)
        if kind is not None:
            query = query.where(table.kind == kind)
            if kind != "transfer":  # what the index leaves out because it is what most are
                query = query.where(sa.literal_column("kind <> 'transfer'"))
        if reference is not None:
            query = query.where(table.reference == reference)
            query = query.where(sa.literal_column("reference <> ''"))
        if account is not None:
            own = self._own_transactions(account, cursor, limit, newest_first, by_date)
            query = query.where(table.id.in_(own))
        query = query.order_by(*(part.desc() if newest_first else part for part in order))
        found = self._transactions(query.limit(limit + 1))
        page = tuple(found[:limit])
        following = None
        if len(found) > limit:
            following = f"{page[-1].effective}/{page[-1].id}" if by_date else str(page[-1].id)
        return JournalPage(page, following)

    def _own_transactions(
        self, code: str, cursor: list[Any], limit: int, newest_first: bool, by_date: bool
    ) -> sa.Select[Any]:
        """The transactions with an entry on an account, from the cursor on."""
        own = sa.select(_entry.c.transaction_id).where(_entry.c.account_id == self.account_id(code))
        return own if by_date or not cursor else self._from_cursor(own, cursor[0], newest_first)

    def _from_cursor(self, own: sa.Select[Any], number: int, newest_first: bool) -> sa.Select[Any]:
        column = _entry.c.transaction_id
        return own.where(column < number if newest_first else column > number)

    def hold(self, hold_id: int, *, replayed: bool = False) -> Hold:
        """One hold as it stands."""
        found = self._holds(_hold.c.id == hold_id, None, replayed=replayed)
        if not found:
            raise UnknownHold(hold_id)
        return found[0]

    def holds(self, code: str, open_only: bool) -> list[Hold]:
        """The holds out of and into an account, oldest first."""
        id_ = self.account_id(code)
        if not open_only:
            return self._holds(sa.or_(_hold.c.source_id == id_, _hold.c.target_id == id_), None)
        counted = sa.select(_held.c.hold_id).where(_held.c.account_id == id_)
        return self._holds(_hold.c.id.in_(counted), "open")

    def _holds(
        self, condition: sa.ColumnElement[bool], state: str | None, *, replayed: bool = False
    ) -> list[Hold]:
        source, target = _account.alias("source"), _account.alias("target")
        parts = _part.alias("parts")
        latest = (
            sa.select(sa.func.max(parts.c.part))
            .where(parts.c.hold_id == _hold.c.id)
            .scalar_subquery()
        )
        table = _transaction.c
        expires = sa.case((_part.c.part.is_(None), _hold.c.expires_at), else_=_part.c.expires_at)
        known = sa.func.coalesce(_part.c.state, "open")
        now_state = sa.case(
            (sa.and_(known == "open", expires <= self.now()), "expired"), else_=known
        )
        rows = self._connection.execute(
            sa.select(
                _hold.c.id,
                table.key,
                source.c.code.label("source"),
                target.c.code.label("target"),
                _hold.c.minutes,
                sa.func.coalesce(_part.c.settled, 0).label("settled"),
                now_state.label("state"),
                expires.label("expires_at"),
                table.recorded_at,
                table.kind,
                table.memo,
                table.actor,
                table.reference,
            )
            .join(_transaction, table.id == _hold.c.id)
            .join(source, source.c.id == _hold.c.source_id)
            .join(target, target.c.id == _hold.c.target_id)
            .outerjoin(_part, sa.and_(_part.c.hold_id == _hold.c.id, _part.c.part == latest))
            .where(condition)
            .order_by(_hold.c.id)
        ).all()
        return [
            Hold(
                id=row.id,
                key=row.key,
                source=row.source,
                target=row.target,
                minutes=row.minutes,
                settled=row.settled,
                state=row.state,
                expires_at=row.expires_at,
                recorded=row.recorded_at,
                kind=row.kind,
                memo=row.memo,
                actor=row.actor,
                reference=row.reference,
                replayed=replayed,
            )
            for row in rows
            if state is None or row.state == state
        ]

    def trial_balance(self, effective: date | None) -> TrialBalance:
        """Every account's balance, now or at the end of an effective date."""
        rows = self._connection.execute(self._all_balances(effective)).all()
        table = tuple(
            TrialBalanceRow(row.code, row.name, max(-int(row.sum), 0), max(int(row.sum), 0))
            for row in rows
        )
        return TrialBalance(
            table, sum(row.debit for row in table), sum(row.credit for row in table)
        )

    def _all_balances(self, effective: date | None) -> sa.Select[Any]:
        named = sa.select(_account.c.code, _account.c.name).order_by(_account.c.code)
        if effective is None or effective >= day_of(now(self._clock)):
            return named.add_columns(_balance.c.posted.label("sum")).join(
                _balance, _balance.c.account_id == _account.c.id
            )
        at = sa.literal(end_of(effective), schema.Instant)
        versions = self._versions(_entry.c.recorded_at < at, None)
        shifted = (
            sa.select(sa.func.coalesce(sa.func.sum(schema.shift.c.amount), 0))
            .where(schema.shift.c.account_id == _account.c.id, schema.shift.c.day <= effective)
            .scalar_subquery()
        )
        return (
            named.add_columns((sa.func.coalesce(_entry.c.balance, 0) + shifted).label("sum"))
            .join(versions, versions.c.account_id == _account.c.id)
            .outerjoin(
                _entry,
                sa.and_(
                    _entry.c.account_id == versions.c.account_id,
                    _entry.c.version == versions.c.version,
                ),
            )
        )

    def closed_through(self) -> date:
        """The last day of the last closed period; the first of all days, if none is closed."""
        found = self._connection.execute(sa.select(sa.func.max(schema.period.c.ends_on))).scalar()
        return found or date.min

    def head(self) -> Head:
        """How far the book has come."""
        last, count = self._connection.execute(
            sa.select(
                sa.select(sa.func.max(_transaction.c.id)).scalar_subquery(),
                sa.select(sa.func.sum(_balance.c.version)).scalar_subquery(),
            )
        ).one()
        return Head(last or 0, int(count or 0))


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
)


def _literal(column: sa.ColumnElement[Any], value: Any) -> sa.ColumnElement[Any]:
    return sa.literal(value, column.type)


def _number(cursor: str) -> int:
    """The number in a cursor that this ledger gave out."""
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
        raise InvalidText("cursor", cursor)
    return int(cursor)


def _day(cursor: str) -> date:
    try:
        return date.fromisoformat(cursor)
    except ValueError:
        raise InvalidText("cursor", cursor) from None
