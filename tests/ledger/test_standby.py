"""A standby answers every question and writes nothing; once promoted, it posts and seals."""

from __future__ import annotations

import io
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from ledger import Book, export
from ledger.seals import proofs
from tests.databases import PostgresCluster
from tests.ledger.conftest import connect, install
from tests.ledger.keys import new_key

pytestmark = [pytest.mark.postgresql, pytest.mark.processes]

PROGRAMS = ("pg_basebackup", "pg_ctl")


class Standby:
    """A server that follows another one."""

    def __init__(self, primary: PostgresCluster, directory: Path) -> None:
        self._primary = primary
        self._directory = directory
        directory.mkdir(mode=0o700)
        shutil.chown(directory, primary.directory.owner(), primary.directory.group())
        primary.run(
            "pg_basebackup", "-R", "-X", "stream", "-c", "fast", "-U", "postgres",
            "-h", primary.directory, "-D", directory,
        )  # fmt: skip
        for copied in directory.glob(".s.PGSQL.*"):  # the primary's socket is among its files
            copied.unlink()
        self._control("-o", f'-h "" -k {directory}', "-l", directory / "log", "start")

    def _control(self, *words: str | Path) -> None:
        self._primary.run("pg_ctl", "-w", "-D", self._directory, *words)

    def url(self, database: str) -> str:
        """The address of the copy of a database."""
        url = sa.make_url(self._primary.url(database))
        return url.set(query={"host": str(self._directory)}).render_as_string(hide_password=False)

    def promote(self) -> None:
        """Make a server of its own of it."""
        self._control("promote")

    def stop(self) -> None:
        """Stop it and remove its files."""
        self._control("-m", "fast", "stop")
        shutil.rmtree(self._directory)


@pytest.fixture
def standby(second_postgres: PostgresCluster, scratch: Path) -> Iterator[Standby]:
    missing = [program for program in PROGRAMS if not second_postgres.has(program)]
    if missing:
        pytest.skip(f"there is no {missing[0]} here")
    server = Standby(second_postgres, scratch / "standby")
    yield server
    server.stop()


@contextmanager
def engine_of(url: str) -> Iterator[sa.Engine]:
    engine = connect(url)
    yield engine
    engine.dispose()


def wait_until_equal(primary: sa.Engine, standby: sa.Engine) -> None:
    """Wait until a standby has all that its primary has committed."""
    with primary.connect() as connection:
        position = connection.exec_driver_sql("SELECT pg_current_wal_flush_lsn()").scalar_one()
    caught_up = sa.text("SELECT pg_last_wal_replay_lsn() >= CAST(:position AS pg_lsn)")
    deadline = time.monotonic() + 30
    while True:
        with standby.connect() as connection:
            if connection.execute(caught_up, {"position": str(position)}).scalar_one():
                return
        assert time.monotonic() < deadline
        time.sleep(0.02)


def transfer(engine: sa.Engine, key: str) -> None:
    with engine.begin() as connection:
        Book(connection).transfer("a", "b", 1, key=key)


def read(engine: sa.Engine, cursor: str | None) -> tuple[list[str], str | None]:
    """The keys that follow a cursor in the journal, and the cursor behind them."""
    with engine.connect() as connection:
        page = Book(connection).journal(newest_first=False, after=cursor)
        return [one.key for one in page.transactions], page.last


def test_a_standby_answers_and_once_promoted_goes_on(
    second_postgres: PostgresCluster, standby: Standby
) -> None:
    with (
        second_postgres.database(name="followed") as url,
        engine_of(url) as primary,
        engine_of(standby.url("followed")) as copy,
    ):
        install(url)
        with primary.begin() as connection:
            book = Book(connection)
            for code in "abcd":
                book.open_account(code, floor=None, key=new_key())
            first = book.transfer("a", "b", 60, key="first")
            hold = book.hold("b", "c", 20, key="hold")
        with primary.begin() as connection:
            [seal] = Book(connection).seal()
        transfer(primary, "second")
        wait_until_equal(primary, copy)

        with primary.connect() as here, copy.connect() as there:
            for ask in (
                Book.balances, Book.trial_balance, Book.journal, Book.head, Book.seals,
                Book.unsealed, lambda book: book.statement("b"), lambda book: book.holds("b"),
                lambda book: book.bilateral("a", "b"), lambda book: book.prove(first.id),
                lambda book: book.balance("b", recorded=first.recorded), exported,
                lambda book: book.verify(thorough=True),
            ):  # fmt: skip
                assert ask(Book(there)) == ask(Book(here))
            report = Book(there).verify(thorough=True)
            assert (report.faults, report.remarks) == ((), ())
            proofs.check(Book(there).prove(first.id))
            assert Book(there).settled_until() is None
            there.rollback()
            for write in (
                lambda book: book.transfer("a", "b", 1, key="no"),
                lambda book: book.settle(hold.id, key="no"),
                lambda book: book.seal(),
            ):
                with pytest.raises(sa.exc.DBAPIError, match=r"read-only transaction|recovery"):
                    write(Book(there))
                there.rollback()

        keys, cursor = read(copy, None)
        assert keys == ["first", "second"]
        with primary.connect() as slow:
            Book(slow).transfer("c", "d", 1, key="slow")
            transfer(primary, "fast")
            wait_until_equal(primary, copy)
            assert read(copy, cursor) == ([], cursor)
            slow.commit()
        wait_until_equal(primary, copy)
        keys, cursor = read(copy, cursor)
        assert keys == ["slow", "fast"]

        standby.promote()
        transfer(copy, "promoted")
        with copy.begin() as connection:
            book = Book(connection)
            book.settle(hold.id, key="settle")
            assert [made.size for made in book.seal()] == [4]
        with copy.begin() as connection:
            book = Book(connection)
            assert [made.size for made in book.seal()] == [1]
            assert book.seals()[0] == seal
            report = book.verify(thorough=True)
            assert (report.faults, report.remarks) == ((), ())
            assert book.settled_until() is not None
        assert read(copy, cursor)[0] == ["promoted", "settle"]


def exported(book: Book) -> str:
    """The journal as a file."""
    stream = io.StringIO()
    export(book, "csv", stream)
    return stream.getvalue()
