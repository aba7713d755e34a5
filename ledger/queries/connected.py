"""What every question needs: the connection, the ledger's clock, an account's number."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from ledger import schema
from ledger.clock import Clock, now, told
from ledger.engines.requests import storable
from ledger.errors import InvalidText, UnknownAccount

_account = schema.account


class Connected:
    """A connection, and the caller's clock."""

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
        own = sa.literal(told(self._clock), schema.Instant)
        return sa.func.least(own, server, type_=schema.Instant)

    def account_id(self, code: str) -> int:
        """The number behind a code."""
        if not storable(code):
            raise UnknownAccount(code)
        id_ = self._connection.execute(
            sa.select(_account.c.id).where(_account.c.code == code)
        ).scalar()
        if id_ is None:
            raise UnknownAccount(code)
        return id_


def number(cursor: str) -> int:
    """The number in a cursor that this ledger gave out."""
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
        raise InvalidText("cursor", cursor)
    return int(cursor)
