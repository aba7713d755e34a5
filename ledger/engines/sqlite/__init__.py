"""Setting up an engine for SQLite, so that the ledger may trust it.

SQLAlchemy's default on SQLite begins transactions late and loses concurrent updates; the ledger
refuses to write on a connection that was not set up here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

CONFIGURED = "ledger.configured"
BUSY_TIMEOUT = timedelta(seconds=10)
MAPPED_AT_MOST = 1 << 30
"""How many bytes of the file are read as memory: its own cache is two megabytes a connection."""


def configure(engine: sa.Engine, *, busy_timeout: timedelta = BUSY_TIMEOUT) -> None:
    """Make every connection of a SQLite engine safe for the ledger.

    Foreign keys are enforced; the journal is a write-ahead log, so that readers never wait;
    ``synchronous`` is FULL, because with NORMAL a power cut may lose transactions that were
    already acknowledged. A transaction begins IMMEDIATE, taking the one write lock before it
    reads, so two writers queue instead of overwriting each other; with the execution option
    ``read_only=True`` it begins plainly, and the ledger will not write in it. A connection keeps
    8 MiB of the file in memory: with SQLite's own 2, what is read here and there is read again.

    Args:
        busy_timeout: how long a writer waits for another one before "database is locked".
    """
    if engine.dialect.name != "sqlite":
        raise ValueError("only an engine for SQLite is set up here")

    @sa.event.listens_for(engine, "connect")
    def set_up(dbapi_connection: Any, record: Any) -> None:
        dbapi_connection.isolation_level = None  # we say when a transaction begins
        cursor = dbapi_connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {busy_timeout // timedelta(milliseconds=1)}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute(f"PRAGMA mmap_size = {MAPPED_AT_MOST}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA recursive_triggers = ON")
        cursor.execute("PRAGMA cache_size = -8192")
        cursor.close()
        record.info[CONFIGURED] = True

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        raw: Any = connection.connection.dbapi_connection
        if raw.in_transaction:
            raw.rollback()  # its COMMIT was refused; SQLite keeps such a transaction open
        read_only = connection.get_execution_options().get("read_only")
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
