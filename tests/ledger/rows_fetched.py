"""Counting the rows that a database hands over, on either engine."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa

from tests.ledger.conftest import connect


class Count:
    """How many rows have been fetched."""

    rows = 0


def _counting(base: type[Any], count: Count) -> type[Any]:
    """A cursor class that counts what is fetched through it."""

    class CountingCursor(base):
        def fetchone(self) -> Any:
            row = super().fetchone()
            count.rows += row is not None
            return row

        def fetchmany(self, size: int = 1) -> Any:
            rows = super().fetchmany(size)
            count.rows += len(rows)
            return rows

        def fetchall(self) -> Any:
            rows = super().fetchall()
            count.rows += len(rows)
            return rows

    return CountingCursor


@contextmanager
def counting_engine(url: str) -> Iterator[tuple[sa.Engine, Count]]:
    """An engine on a database, and the count of the rows fetched through it."""
    count = Count()
    if url.startswith("sqlite"):
        counting = _counting(sqlite3.Cursor, count)

        class CountingConnection(sqlite3.Connection):
            def cursor(self, factory: Any = counting) -> Any:
                return super().cursor(factory)

        engine = connect(url, connect_args={"factory": CountingConnection})
    else:
        engine = connect(url, connect_args={"cursor_factory": _counting(psycopg.Cursor, count)})
    try:
        yield engine, count
    finally:
        engine.dispose()
