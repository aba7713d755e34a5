"""The shortest way to a function on PostgreSQL that answers with one text.

The database takes less time for a transfer than SQLAlchemy and the driver's cursor take to ask it
for one. So what is called most is asked one layer below the cursor (``psycopg.pq``), waiting as
the driver waits, within the transaction that SQLAlchemy and the driver know. Where that would not
come to the same (somebody listens to statements, another driver, the driver's pipeline, other
characters, a transaction of other than the usual kind), it goes the ordinary way.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

with suppress(ImportError):  # without this driver, everything goes the ordinary way
    from psycopg import Cursor
    from psycopg.errors import error_from_result
    from psycopg.generators import execute
    from psycopg.pq import ExecStatus, PipelineStatus, TransactionStatus

_OIDS: Final = {
    "boolean": 16,
    "bytea": 17,
    "bigint": 20,
    "text": 25,
    "date": 1082,
    "timestamptz": 1184,
    "bytea[]": 1001,
    "text[]": 1009,
    "bigint[]": 1016,
    "date[]": 1182,
}


class Function:
    """A function of the database, by its name and the types of what it takes; answers a text."""

    def __init__(self, name: str, *types: str) -> None:
        self._statement = f"SELECT {name}({', '.join(f'%s::{type_}' for type_ in types)})"
        numbered = ", ".join(f"${n}" for n in range(1, len(types) + 1))
        self._query = f"SELECT {name}({numbered})".encode()
        self._name = name.encode()
        self._types = [_OIDS[type_] for type_ in types]
        self._formats = [int(type_ == "bytea") for type_ in types]  # 1: as it is, not as text

    def __call__(self, connection: sa.Connection, values: Sequence[Any]) -> str:
        """Call it.

        Raises:
            sqlalchemy.exc.DBAPIError: as `Connection.execute` would.
        """
        driver = _driver(connection)
        if driver is None:
            answer: str = connection.exec_driver_sql(self._statement, tuple(values)).scalar_one()
            return answer
        if not connection.in_transaction():
            connection.begin()
        given = [_encoded(value) for value in values]
        try:
            with driver.lock:
                if driver.pgconn.transaction_status == TransactionStatus.IDLE:
                    return self._first(connection, driver, given)
                return self._text(driver, given)
        except connection.dialect.loaded_dbapi.Error as error:
            if gone := driver.closed:
                with suppress(sa.exc.DBAPIError):  # SQLAlchemy finds out, and tells its pool
                    connection.exec_driver_sql("SELECT 1")
            raise sa.exc.DBAPIError.instance(
                self._statement,
                tuple(values),
                error,
                connection.dialect.loaded_dbapi.Error,
                hide_parameters=connection.engine.hide_parameters,
                connection_invalidated=gone,
                dialect=connection.dialect,
            ) from error
        except BaseException:
            connection.invalidate()  # who was interrupted cannot say how far it got
            raise

    def _first(self, connection: sa.Connection, driver: Any, given: list[bytes | None]) -> str:
        """The call that begins a transaction: prepared, for should that fail, nothing is lost."""
        pgconn, known = driver.pgconn, connection.info
        if self not in known and driver.prepare_threshold is not None:
            pgconn.send_prepare(self._name, self._query, self._types)
            known[self] = driver.wait(execute(pgconn))[0].status == ExecStatus.COMMAND_OK
        _run(driver, b"BEGIN")
        if known.get(self):
            try:
                return self._text(driver, given, prepared=True)
            except connection.dialect.loaded_dbapi.errors.InvalidSqlStatementName:
                del known[self]  # somebody deallocated it: once more the next time
                _run(driver, b"ROLLBACK")
                _run(driver, b"BEGIN")
        return self._text(driver, given)

    def _text(self, driver: Any, given: list[bytes | None], *, prepared: bool = False) -> str:
        pgconn = driver.pgconn
        if prepared:
            pgconn.send_query_prepared(self._name, given, self._formats)
        else:
            pgconn.send_query_params(self._query, given, self._types, self._formats)
        result = driver.wait(execute(pgconn))[0]
        if result.status != ExecStatus.TUPLES_OK:
            raise error_from_result(result)
        answer: str = result.get_value(0, 0).decode()
        return answer


def _run(driver: Any, statement: bytes) -> None:
    """Run it or raise: after a BEGIN that failed (cancelled, say), a call would commit itself."""
    driver.pgconn.send_query(statement)
    result = driver.wait(execute(driver.pgconn))[0]
    if result.status != ExecStatus.COMMAND_OK:
        raise error_from_result(result)


def _encoded(value: str | int | bytes | date | None) -> bytes | None:
    """A value as PostgreSQL reads it; bytes as they are."""
    if isinstance(value, str):
        return value.encode()
    if value is None or isinstance(value, bytes):
        return value
    return (value.isoformat() if isinstance(value, date) else str(value)).encode()


def _driver(connection: sa.Connection) -> Any | None:
    """The driver's own connection, if asking it directly comes to the same as the ordinary way."""
    dialect, heard = connection.dialect, connection.dispatch
    if (
        dialect.driver != "psycopg"
        or heard.before_cursor_execute
        or heard.after_cursor_execute
        or dialect.dispatch.do_execute
        or dialect.dispatch.handle_error
        or connection.engine.logger.isEnabledFor(logging.INFO)
    ):
        return None
    transaction = connection.get_nested_transaction() or connection.get_transaction()
    if transaction is not None and not transaction.is_active:
        return None
    block = connection._trans_context_manager  # there is no other way to ask
    if block is not None and not block._transaction_is_active():
        return None  # within the block of a transaction that is over: SQLAlchemy refuses
    driver: Any = connection.connection.driver_connection
    pgconn = driver.pgconn
    status = pgconn.transaction_status
    usual = status == TransactionStatus.INTRANS or (
        status == TransactionStatus.IDLE
        and not driver.autocommit
        and driver.isolation_level is driver.read_only is driver.deferrable is None
    )
    return (
        driver
        if usual
        and driver.cursor_factory is Cursor  # other cursors may listen, too
        and pgconn.pipeline_status == PipelineStatus.OFF
        and pgconn.parameter_status(b"client_encoding") == b"UTF8"
        else None
    )
