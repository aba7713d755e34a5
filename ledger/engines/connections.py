"""Whether a connection can be trusted with the book: asked before it is first used.

A pooler may stand between the driver and a server of PostgreSQL. psycopg prepares what it has
executed five times, under a name that it gives; a pooler that lends its server connections for one
transaction at a time (PgBouncer in transaction mode) shows the driver another server connection
each time, where that name does not exist or stands for another client's statement. A server tells
the driver its process number when a connection begins, and a pooler tells a number of its own: if
it is not that of the process which answers, nothing is prepared on this connection any more, as
psycopg's documentation advises.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.errors import NotConfigured, WrongVersion

# Where the names of the ledger's tables lead, how dates are written as text, and who answers.
_PLACE = """
SELECT current_schema() AS own, current_setting('DateStyle') AS datestyle,
       pg_backend_pid() AS process,
       (SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.oid = to_regclass('ledger_transaction')) AS transactions,
       (SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.oid = to_regclass('ledger_book')) AS book
"""


def check(connection: sa.Connection) -> None:
    """Refuse a connection on which the book would not be what it says.

    Raises:
        NotConfigured: names lead elsewhere than to the book, each statement would commit by
            itself, or dates are written in another style than ISO's.
        WrongVersion: the book is of another version than this code.
    """
    if connection.get_execution_options().get("schema_translate_map"):
        raise NotConfigured(
            "A schema_translate_map leads some of the ledger’s statements to another schema, not"
            " all: set search_path instead."
        )
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        if getattr(driver, "autocommit", False):
            raise NotConfigured(
                "This connection commits each statement by itself (AUTOCOMMIT); the ledger’s"
                " verbs and proofs need a transaction."
            )
    if connection.info.get(schema.CHECKED) == schema.VERSION:
        return
    if connection.dialect.name == "postgresql":
        _check_place(connection)
    version = schema.version_of(connection)
    if version != schema.VERSION:
        raise WrongVersion(version, schema.VERSION)
    connection.info[schema.CHECKED] = schema.VERSION


def _check_place(connection: sa.Connection) -> None:
    place = connection.exec_driver_sql(_PLACE).one()
    driver: Any = connection.connection.driver_connection
    if hasattr(driver, "prepare_threshold") and driver.info.backend_pid != place.process:
        driver.prepare_threshold = None  # other drivers than psycopg do not prepare by themselves
    for table, there in (("transaction", place.transactions), ("book", place.book)):
        if there is not None and there != place.own:
            raise NotConfigured(
                f"ledger_{table} is the one of schema “{there}”, but the first schema of"
                f" search_path that there is, is “{place.own}”: put the book’s schema first."
            )
    if not place.datestyle.startswith("ISO"):
        raise NotConfigured(
            f"This connection writes dates as “{place.datestyle}”: set DateStyle to ISO."
        )
