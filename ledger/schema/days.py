"""The day in London of a stored instant, as SQL."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from ledger.clock import day_of
from ledger.schema.columns import EPOCH

_DAY_FUNCTION = "ledger.day"  # in `Connection.info`, where SQLite has the function
_HOUR = 3_600_000_000  # microseconds


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
    return _day_of_hour(microseconds // _HOUR)


@lru_cache(maxsize=50_000)
def _day_of_hour(hours: int) -> str:
    """The day of an hour since 1970: London's clock differs from UTC by whole hours."""
    return day_of(EPOCH + timedelta(hours=hours)).isoformat()
