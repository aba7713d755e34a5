"""Reading balances: of accounts as they stand, and at an earlier time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.clock import end_of
from ledger.engines.requests import storable
from ledger.errors import UnknownAccount
from ledger.queries.connected import WhoseClock, now_by
from ledger.queries.versions import Versions
from ledger.types import Account, AccountEvent, Head, Period

_account, _balance, _entry = schema.account, schema.balance, schema.entry
_transaction, _held = schema.transaction, schema.held


class Balances(Versions):
    """What accounts have; part of `ledger.queries.Reader`."""

    def account(self, code: str, *, replayed: bool = False) -> Account:
        """One account as it stands."""
        accounts = self.accounts([code])
        if code not in accounts:
            raise UnknownAccount(code)
        return replace(accounts[code], replayed=replayed)

    def account_of(self, transaction_id: int) -> str:
        """The code of the account that a transaction did something to."""
        event = schema.account_event.c
        return self._connection.execute(
            sa.select(_account.c.code)
            .join(schema.account_event, event.account_id == _account.c.id)
            .where(event.transaction_id == transaction_id)
        ).scalar_one()

    def accounts(self, codes: Iterable[str] | None) -> dict[str, Account]:
        """Accounts by code, as they stand (all of them, if no codes are given)."""
        if codes is None:
            return self._accounts(_as_they_stand(self.whose_clock))
        wanted = [code for code in codes if storable(code)]
        if len(wanted) == 1:
            return self._accounts(_as_it_stands(self.whose_clock), {"code": wanted[0]})
        return self._accounts(_as_they_stand_of_codes(self.whose_clock), {"codes": wanted})

    def beyond_soft_limits(self) -> list[Account]:
        """The accounts that have passed a soft limit; only those that have one are looked at."""
        limited = sa.or_(_balance.c.soft_floor.is_not(None), _balance.c.soft_ceiling.is_not(None))
        passed = sa.or_(
            _balance.c.posted < _balance.c.soft_floor, _balance.c.posted > _balance.c.soft_ceiling
        )
        return list(
            self._accounts(_as_they_stand(self.whose_clock).where(limited, passed)).values()
        )

    def uncharged(self, period: str, above: int, day: date | None) -> dict[str, Account]:
        """Open accounts with more than some minutes that were not charged demurrage for a period.

        Those that were opened after ``day`` are left out, if one is given.
        Charges of before the library's keys had a name of their own are told by their kind and
        reference as well, because a caller may have used such a key for anything.
        """
        table, code = _transaction.c, _account.c.code
        own = sa.literal(f"ledger:demurrage:{period}:") + code
        former = sa.literal(f"demurrage:{period}:") + code
        charged = sa.exists().where(
            sa.or_(
                table.key == own,
                sa.and_(
                    table.key == former,
                    table.kind == "demurrage",
                    table.reference == f"demurrage:{period}",
                ),
            )
        )
        wanted = [_balance.c.status == "open", _balance.c.posted > above, ~charged]
        if day is not None:
            wanted.append(_account.c.opened_at < sa.literal(end_of(day), schema.Instant))
        return self._accounts(_as_they_stand(self.whose_clock).where(*wanted))

    def _accounts(
        self, query: sa.Select[Any], values: dict[str, Any] | None = None
    ) -> dict[str, Account]:
        rows = self._connection.execute(query, {**self.now_values(), **(values or {})})
        accounts = {}
        for code, name, status, floor, ceiling, posted, held_out, held_in, *rest in rows:
            accounts[code] = Account(
                code, name, status, floor, ceiling, posted, int(held_out), int(held_in), *rest
            )
        return accounts

    def balance(self, code: str, effective: date | None, recorded: datetime | None) -> int:
        """The balance now, at the end of an effective date, or at a recorded instant."""
        if effective is not None and recorded is not None:
            raise ValueError("a balance is asked for by effective date or by recorded instant")
        id_ = self.account_id(code)
        if recorded is not None:
            return self._balance_at(id_, self._version_at(id_, recorded))
        if effective is not None:
            version = self._version_at(id_, end_of(effective), inclusive=False)
            return self._balance_at(id_, version) + self._dated_back(id_, effective)
        return self._connection.execute(
            sa.select(_balance.c.posted).where(_balance.c.account_id == id_)
        ).scalar_one()

    def _dated_back(self, account_id: int, effective: date) -> int:
        return int(
            self._connection.execute(
                sa.select(sa.func.coalesce(sa.func.sum(schema.backdated.c.amount), 0)).where(
                    schema.backdated.c.account_id == account_id, schema.backdated.c.day <= effective
                )
            ).scalar_one()
        )

    def closed_through(self) -> date | None:
        """The last day of the last closed period, if one is closed."""
        return self._connection.execute(sa.select(sa.func.max(schema.period.c.ends_on))).scalar()

    def periods(self) -> list[Period]:
        """The closed periods, oldest first."""
        return [Period(*row) for row in self._connection.execute(_closed_periods())]

    def history(self, code: str) -> list[AccountEvent]:
        """What was done to an account, oldest first."""
        event, table = schema.account_event, _transaction.c
        columns = (event.c[name] for name in ("status", "name", "floor", "ceiling"))
        soft = (event.c.soft_floor, event.c.soft_ceiling)
        rows = self._connection.execute(
            sa.select(
                table.id.label("transaction_id"), table.key, table.action, table.actor,
                table.memo.label("reason"), table.reference, table.recorded_at.label("recorded"),
                *columns, *soft,
            )
            .join(event, event.c.transaction_id == table.id)
            .where(event.c.account_id == self.account_id(code))
            .order_by(table.id)
        )  # fmt: skip
        return [AccountEvent(**row._mapping) for row in rows]

    def head(self) -> Head:
        """How far the book has come."""
        last, count = self._connection.execute(
            sa.select(
                sa.select(sa.func.max(_transaction.c.id)).scalar_subquery(),
                sa.select(sa.func.sum(_balance.c.version)).scalar_subquery(),
            )
        ).one()
        return Head(last or 0, int(count or 0))


@cache
def _as_they_stand(whose: WhoseClock) -> sa.Select[Any]:
    """Accounts as they stand by a clock; made once, as making it takes longer than its answer."""
    due = {
        side: sa.select(sa.func.coalesce(sa.func.sum(_held.c.minutes), 0))
        .where(
            _held.c.account_id == _account.c.id,
            _held.c.side == side,
            _held.c.expires_at <= now_by(whose),
        )
        .scalar_subquery()
        for side in ("out", "in")
    }
    return (
        sa.select(
            _account.c.code,
            _account.c.name,
            _balance.c.status,
            _balance.c.floor,
            _balance.c.ceiling,
            _balance.c.posted,
            sa.case((_balance.c.held_out > 0, _balance.c.held_out - due["out"]), else_=0),
            sa.case((_balance.c.held_in > 0, _balance.c.held_in - due["in"]), else_=0),
            _balance.c.version,
            _balance.c.soft_floor,
            _balance.c.soft_ceiling,
        )
        .join(_balance, _balance.c.account_id == _account.c.id)
        .order_by(_account.c.code)
    )


@cache
def _as_they_stand_of_codes(whose: WhoseClock) -> sa.Select[Any]:
    """The accounts of ``codes`` as they stand by a clock."""
    return _as_they_stand(whose).where(schema.is_one_of(_account.c.code, "codes"))


@cache
def _as_it_stands(whose: WhoseClock) -> sa.Select[Any]:
    """The account ``code`` as it stands: PostgreSQL plans anew what has a short list in it."""
    return _as_they_stand(whose).where(_account.c.code == sa.bindparam("code"))


@cache
def _closed_periods() -> sa.Select[Any]:
    period = schema.period.c
    return (
        sa.select(period.ends_on, period.closed_at, _transaction.c.actor)
        .join(_transaction, _transaction.c.id == period.transaction_id)
        .order_by(period.ends_on)
    )
