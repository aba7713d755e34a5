"""A database and its engine, lent to one test after another as long as nothing was committed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy as sa

from tests.databases import Databases, PostgresCluster

ROOM = 4 << 20
"""How many bytes of files a database may have: what was rolled back stays in them."""
ANYTHING_LEFT = """
SELECT EXISTS (
    SELECT FROM generate_series(CAST(%s AS bigint) + 1, CAST(%s AS bigint) - 1) AS number
    WHERE pg_xact_status(CAST(CAST(number AS text) AS xid8)) IS DISTINCT FROM 'aborted'
) OR EXISTS (
    SELECT FROM pg_stat_activity
    WHERE datname = %s AND backend_xid IS NOT NULL
)
"""
"""Whether a transaction between two changed anything, or still may; one that only read has no
number, and of those with a number only an aborted one left nothing."""
AS_CONNECTED = (
    "DISCARD ALL",  # settings, locks, temporary tables, plans, the user
    # What a rollback does not take back.
    "SELECT setval(seqrelid, seqstart, false) FROM pg_sequence",
)
BYTES = "SELECT sum(pg_relation_size(oid)) FROM pg_class WHERE oid >= 16384"


class Lender:
    """Lends a database called ``name``, a copy of what ``make`` left, and an engine, to each test.

    To make a database on PostgreSQL, to connect and to learn its tables takes longer than most
    tests. So a test that committed nothing gives the database and the connection to the next one.
    On SQLite each has a file of its own. An engine remembers the statements it compiled, and goes
    on unless a test listened to it.
    """

    def __init__(
        self,
        databases: Databases,
        cluster: Callable[[], PostgresCluster],
        make: Callable[[str], None],
        connect: Callable[[str], sa.Engine],
        *,
        name: str,
    ) -> None:
        self._name = name
        self._databases = databases
        self._cluster = cluster
        self._make = make
        self._connect = connect
        self._engines: dict[str, tuple[sa.Engine, object]] = {}
        self._there = False

    @contextmanager
    def lent(self, kind: str) -> Iterator[str]:
        """The address of a database that is as ``make`` left its own."""
        if kind == "sqlite":
            with self._databases.fresh(kind, self._make, self._name) as url:
                yield url
                self._close(url)
            return
        url = self._cluster().url(self._name)
        if not self._there:
            self._cluster().create(self._name, self._databases.template(kind, self._make))
        self._there = False  # if anything goes wrong from here on, it is not lent again
        first = self._next_number()
        try:
            yield url
        finally:
            self._there = self._is_untouched(first) and self._is_like_new(url)
            if not self._there:
                self._close(url)
                self._cluster().execute(f'DROP DATABASE "{self._name}" WITH (FORCE)')

    def engine(self, url: str) -> sa.Engine:
        """The engine on a database that is lent, as if it was just made."""
        if url in self._engines:
            engine, before = self._engines[url]
            if _state(engine) == before:
                return engine
            engine.dispose()
        engine = self._connect(url)
        with engine.connect():
            pass  # what the dialect listens for until it knows the server
        self._engines[url] = engine, _state(engine)
        return engine

    def close(self) -> None:
        """Close every connection; a database that may be lent again goes with its server."""
        for url in self._engines:
            self._close(url)

    def _close(self, url: str) -> None:
        if url in self._engines:
            self._engines[url][0].dispose()

    def _next_number(self) -> int:
        (number,) = self._cluster().row("SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint)")
        return int(number)

    def _is_untouched(self, first: int) -> bool:
        (left,) = self._cluster().row(ANYTHING_LEFT, (first, self._next_number(), self._name))
        return not left

    def _is_like_new(self, url: str) -> bool:
        """Whether the connection could be made as if it was just opened, and files are small."""
        if url not in self._engines:
            return False
        engine = self._engines[url][0]
        with suppress(sa.exc.DBAPIError), engine.connect() as connection:
            connection.info.clear()
            raw: Any = connection.connection.driver_connection
            connection.rollback()
            raw.autocommit = True
            for statement in AS_CONNECTED:
                raw.execute(statement)
            (size,) = raw.execute(BYTES).fetchone()
            raw.autocommit = False
            return bool(size < ROOM)
        return False


def listeners(part: Any) -> dict[str, list[object]]:
    """Who listens to what of an engine, its pool or its dialect."""
    names = part.dispatch._event_names
    return {name: list(getattr(part.dispatch, name)) for name in names}


def _state(engine: sa.Engine) -> object:
    """What a test could change of an engine, as something to compare."""
    return [listeners(part) for part in (engine, engine.pool, engine.dialect)]
