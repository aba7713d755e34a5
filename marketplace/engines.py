"""How the application connects: how long it waits, and who may read a SQLite file."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ledger import sqlite
from marketplace.settings import Settings

CONNECTIONS = 20
"""The most connections of one server process; more than it has threads."""
_IDLE_CONNECTIONS = 5
# Seconds after which a peer that has vanished from the network counts as gone.
_VANISHED = {
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


def engine_options(settings: Settings) -> dict[str, Any]:
    """Return the options of SQLAlchemy's engine.

    A database that is away, locked or slow has to answer within seconds: a request then shows
    the page with its "try again" button, instead of keeping a thread.
    """
    address = sa.make_url(settings.database_url)
    # The parameters of statements hold what people typed, which must not be logged.
    options: dict[str, Any] = {"hide_parameters": settings.production}
    if _is_in_memory(address):
        return options
    options |= {
        "pool_size": _IDLE_CONNECTIONS,
        "max_overflow": CONNECTIONS - _IDLE_CONNECTIONS,
        "pool_timeout": settings.database_wait,
    }
    if address.get_backend_name() == "postgresql":
        limits = {"lock_timeout": settings.database_wait}
        if settings.statement_limit is not None:
            limits["statement_timeout"] = settings.statement_limit
        parameters = [f"-c {name}={round(limit * 1000)}ms" for name, limit in limits.items()]
        parameters += address.normalized_query.get("options", ())  # what comes later counts
        options["pool_pre_ping"] = True
        options["connect_args"] = {
            "connect_timeout": max(2, round(settings.database_wait)),
            "options": " ".join(parameters),
            **_VANISHED,
        }
    return options


def set_up(engine: sa.Engine, settings: Settings) -> None:
    """Make an engine fit for the ledger, for a pooler, and a SQLite file private."""
    if engine.dialect.name == "postgresql":
        sa.event.listen(engine, "connect", _prepare_nothing_behind_a_pooler)
    if engine.dialect.name != "sqlite":
        return
    sqlite.configure(engine, busy_timeout=timedelta(seconds=settings.database_wait))
    if not _is_in_memory(engine.url):
        keep_private(Path(engine.url.database or ""))


def keep_private(file: Path) -> None:
    """Let only its owner read a SQLite file: it holds password hashes.

    The file is made if it is missing, because SQLite would make it readable for everybody; the
    files that SQLite puts beside it get the mode of the file itself.
    """
    with suppress(FileNotFoundError):  # a missing folder is reported when it is connected
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    for suffix in ("", "-wal", "-shm"):
        # Gone in the meantime, or the file of another user.
        with suppress(FileNotFoundError, PermissionError):
            file.with_name(file.name + suffix).chmod(0o600)


def _prepare_nothing_behind_a_pooler(connection: Any, _record: Any) -> None:
    """Have psycopg prepare no statements where a pooler may lend each transaction another server.

    A pooler tells a number of its own at the start, not that of the process which answers.
    The ledger looks as well, but a page may run many statements before it reads the book.
    """
    (process,) = connection.execute("SELECT pg_backend_pid()").fetchone()
    connection.rollback()
    if connection.info.backend_pid != process:
        connection.prepare_threshold = None


def _is_in_memory(address: sa.URL) -> bool:
    if address.get_backend_name() != "sqlite":
        return False
    name = address.database or ""
    return name in ("", ":memory:") or name.startswith("file:")
