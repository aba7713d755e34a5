"""What every question needs: the connection, the ledger's clock, an account's number."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.clock import Clock, now, told
from ledger.engines.requests import storable
from ledger.errors import InvalidText, UnknownAccount

_account = schema.account
_NUMBER_OF = sa.select(_account.c.id).where(_account.c.code == sa.bindparam("code"))


class WhoseClock(Enum):
    """By which clock a question is asked: PostgreSQL never goes by a later one than its own."""

    CALLERS = "the caller's"
    SERVERS = "the server's"
    EARLIER_OF_BOTH = "the earlier of both"


@cache
def now_by(whose: WhoseClock) -> sa.ColumnElement[datetime]:
    """The ledger's clock as an expression, which `Connected.now_values` gives its value."""
    return _now(whose, sa.bindparam("now", type_=schema.Instant))


def _now(whose: WhoseClock, own: sa.ColumnElement[Any]) -> sa.ColumnElement[datetime]:
    if whose is WhoseClock.CALLERS:
        return own
    server: sa.ColumnElement[datetime] = sa.func.clock_timestamp(type_=schema.Instant)
    if whose is WhoseClock.SERVERS:
        return server
    return sa.func.least(own, server, type_=schema.Instant)


class Connected:
    """A connection, and the caller's clock."""

    def __init__(self, connection: sa.Connection, clock: Clock | None) -> None:
        self._connection = connection
        self._clock = clock

    def now(self) -> sa.ColumnElement[datetime]:
        """The ledger's clock as an expression: on PostgreSQL it is the server's."""
        value = self.now_values().get("now")
        return _now(self.whose_clock, sa.literal(value, schema.Instant))

    @property
    def whose_clock(self) -> WhoseClock:
        """By which clock it is asked."""
        if self._connection.dialect.name == "sqlite":
            return WhoseClock.CALLERS
        return WhoseClock.SERVERS if self._clock is None else WhoseClock.EARLIER_OF_BOTH

    def now_values(self) -> dict[str, datetime]:
        """The value of ``now`` in a statement that has `now_by` this clock."""
        whose = self.whose_clock
        if whose is WhoseClock.SERVERS:
            return {}
        if whose is WhoseClock.CALLERS or self._clock is None:
            return {"now": now(self._clock)}
        return {"now": told(self._clock)}

    def account_id(self, code: str) -> int:
        """The number behind a code."""
        if not storable(code):
            raise UnknownAccount(code)
        id_ = self._connection.execute(_NUMBER_OF, {"code": code}).scalar()
        if id_ is None:
            raise UnknownAccount(code)
        return id_


def number(cursor: str) -> int:
    """The number in a cursor that this ledger gave out."""
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
        raise InvalidText("cursor", cursor)
    return int(cursor)
