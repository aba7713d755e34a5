"""The day in London of a stored instant, as SQL."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from ledger.clock import day_of
from ledger.schema.columns import EPOCH

_DAY_FUNCTION = "ledger.day"  # in `Connection.info`, where SQLite has the function


def day_sql(connection: sa.Connection, instant: str) -> str:
    """Return SQL for the day in London of an instant's column."""
    if connection.dialect.name == "postgresql":
        return f"({instant} AT TIME ZONE 'Europe/London')::date"
    add_day_function(connection)
    return f"ledger_day({instant})"


def add_day_function(connection: sa.Connection) -> None:
    """Give a connection to SQLite, which knows no time zones, the function ``ledger_day``."""
    if connection.info.get(_DAY_FUNCTION):  # not anew while a statement may use it
        return
    raw: Any = connection.connection.dbapi_connection
    raw.create_function("ledger_day", 1, _day, deterministic=True)
    connection.info[_DAY_FUNCTION] = True


def _day(microseconds: int) -> str:
    return day_of(EPOCH + timedelta(microseconds=microseconds)).isoformat()
