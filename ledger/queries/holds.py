"""Reading holds as they stand by the ledger's clock."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.engines.requests import is_number, storable
from ledger.errors import UnknownHold
from ledger.queries.connected import Connected, WhoseClock, now_by
from ledger.types import Hold

_account, _transaction = schema.account, schema.transaction
_hold, _part, _held = schema.hold, schema.hold_part, schema.held
# Made once: an alias costs more than the query that it stands in.
_source, _target, _parts = _account.alias("source"), _account.alias("target"), _part.alias("parts")


class Holds(Connected):
    """What is reserved; part of `ledger.queries.Reader`."""

    def hold(self, hold_id: int, *, replayed: bool = False) -> Hold:
        """One hold as it stands."""
        if is_number(hold_id):
            query = _as_they_stand(self.whose_clock).where(_hold.c.id == hold_id)
            for hold in self._holds(query, None, replayed=replayed):
                return hold
        raise UnknownHold(hold_id)

    def hold_by_key(self, key: str) -> Hold:
        """The hold that a key stands for, as it stands."""
        if isinstance(key, str) and storable(key):
            for hold in self._holds(
                _as_they_stand(self.whose_clock).where(_transaction.c.key == key), None
            ):
                return hold
        raise UnknownHold(key=key)

    def holds(self, code: str, open_only: bool) -> list[Hold]:
        """The holds out of and into an account, oldest first."""
        if open_only and storable(code):
            holds = self._holds(_counted_of_account(self.whose_clock), "open", {"code": code})
            if not holds:
                self.account_id(code)  # says so if there is no such account
            return holds
        id_ = self.account_id(code)
        ends_there = sa.or_(_hold.c.source_id == id_, _hold.c.target_id == id_)
        return self._holds(_as_they_stand(self.whose_clock).where(ends_there), None)

    def _holds(
        self,
        query: sa.Select[Any],
        state: str | None,
        values: Mapping[str, str] | None = None,
        *,
        replayed: bool = False,
    ) -> list[Hold]:
        rows = self._connection.execute(query, {**self.now_values(), **(values or {})}).all()
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


@cache
def _as_they_stand(whose: WhoseClock) -> sa.Select[Any]:
    """Holds as they stand by a clock; made once, as making it takes longer than its answer."""
    source, target, table = _source, _target, _transaction.c
    latest = (
        sa.select(sa.func.max(_parts.c.part))
        .where(_parts.c.hold_id == _hold.c.id)
        .scalar_subquery()
    )
    expires = sa.case((_part.c.part.is_(None), _hold.c.expires_at), else_=_part.c.expires_at)
    known = sa.func.coalesce(_part.c.state, "open")
    is_over = expires <= now_by(whose)
    return (
        sa.select(
            _hold.c.id,
            table.key,
            source.c.code.label("source"),
            target.c.code.label("target"),
            _hold.c.minutes,
            sa.func.coalesce(_part.c.settled, 0).label("settled"),
            sa.case((sa.and_(known == "open", is_over), "expired"), else_=known).label("state"),
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
        .order_by(_hold.c.id)
    )


@cache
def _counted_of_account(whose: WhoseClock) -> sa.Select[Any]:
    """The holds that count on either side of the account ``code``."""
    counted = (
        sa.select(_held.c.hold_id)
        .join(_account, _account.c.id == _held.c.account_id)
        .where(_account.c.code == sa.bindparam("code"))
    )
    return _as_they_stand(whose).where(_hold.c.id.in_(counted))
