"""Running a check's SQL: rows of (kind, subject, message), streamed as faults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from ledger.types import Fault

_BATCH = 500


def found(connection: sa.Connection, sql: str, **values: Any) -> Iterator[Fault]:
    """The faults that a query selects, however many, without holding them all."""
    query = sa.text(sql).execution_options(stream_results=True, yield_per=_BATCH)
    with connection.execute(query, values) as rows:
        for row in rows:
            yield Fault(*row)


def found_rarely(connection: sa.Connection, sql: str) -> Iterator[Fault]:
    """The same for a query that goes through much and hardly ever finds anything.

    PostgreSQL reads a cursor with one process only; counting first uses several.
    """
    count = sa.text(f"SELECT count(*) FROM ({sql}) AS found (kind, subject, message)")  # noqa: S608
    if connection.dialect.name != "postgresql" or connection.execute(count).scalar_one():
        yield from found(connection, sql)
