"""What columns are made of: the same values on PostgreSQL and on SQLite."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware instant: TIMESTAMPTZ on PostgreSQL, microseconds since 1970 on SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        """Choose the column type of the database at hand."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.Integer())
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        """Hand the database UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return (value - EPOCH) // MICROSECOND if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        """Give back UTC."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return EPOCH + timedelta(microseconds=value)
        return value.astimezone(UTC)


class Day(sa.types.TypeDecorator[date]):
    """A calendar date: DATE on PostgreSQL, ISO text on SQLite."""

    impl = sa.Date
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        """Choose the column type of the database at hand."""
        return dialect.type_descriptor(sa.Text() if dialect.name == "sqlite" else sa.Date())

    def process_bind_param(self, value: date | None, dialect: sa.Dialect) -> Any:
        """Hand SQLite ISO text."""
        return value.isoformat() if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> date | None:
        """Read SQLite's ISO text."""
        return date.fromisoformat(value) if isinstance(value, str) else value


class CurrentXid(sa.sql.functions.GenericFunction[int]):
    """The number of the running database transaction: seals need it on PostgreSQL."""

    inherit_cache = True
    name = "ledger_current_xid"


@compiles(CurrentXid, "postgresql")
def _xid_postgresql(*_: Any, **__: Any) -> str:
    return "(pg_current_xact_id()::text::bigint)"


@compiles(CurrentXid, "sqlite")
def _xid_sqlite(*_: Any, **__: Any) -> str:
    return "0"  # one writer at a time: commits happen in the order of the numbers


BigInt = sa.BigInteger().with_variant(sa.Integer, "sqlite")
SmallInt = sa.SmallInteger().with_variant(sa.Integer, "sqlite")
