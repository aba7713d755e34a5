"""A book that is dumped on one PostgreSQL server and restored into another goes on, sealed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

import ledger
from ledger import Book, Proof, schema
from ledger.seals import proofs, sealing
from ledger.seals.checks import RESTORED
from tests.databases import PostgresCluster
from tests.ledger.conftest import connect, install
from tests.ledger.keys import new_key
from tests.ledger.test_sealing import faults, sealed_in

BURN = "DO $$ BEGIN FOR i IN 1..{} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"
SEALED = ["1", "2", "3", "hold"]
UNSEALED = ["4", "5", "settle"]


@dataclass(frozen=True)
class Dump:
    """A dumped book, and what was known of it on its first server."""

    file: Path
    proofs: list[Proof]
    cursor: str
    horizon: int
    hold: int


def count_on(engine: sa.Engine, number: int) -> None:
    """Let a server count its transactions up to a number."""
    with engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        missing = number - reached(connection)
        assert missing > 0
        connection.exec_driver_sql(BURN.format(missing))


def reached(connection: sa.Connection) -> int:
    """The number that a server has come to."""
    number = sa.text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    return int(connection.execute(number).scalar_one())


def far_ahead(cluster: PostgresCluster) -> int:
    """A number that a server is far from."""
    engine = connect(cluster.url("postgres"))
    with engine.connect() as connection:
        number = reached(connection) + 1000
    engine.dispose()
    return number


def dump(cluster: PostgresCluster, url: str, name: str) -> Path:
    file = cluster.directory / f"{name}.dump"
    database = sa.make_url(url).database
    cluster.run("pg_dump", "-U", "postgres", "-h", cluster.directory, "-Fc", "-f", file, database)
    return file


@pytest.fixture
def dumped(postgres: PostgresCluster, second_postgres: PostgresCluster) -> Iterator[Dump]:
    """A book with three seals and something that is in none, on a server far ahead."""
    if not second_postgres.has("pg_dump"):
        pytest.skip("there is no pg_dump here")
    with postgres.database() as url:
        install(url)
        engine = connect(url)
        with engine.begin() as connection:
            for code in "abcdef":
                Book(connection).open_account(code, floor=None, key=new_key())
        with engine.connect() as connection:
            start = reached(connection)
        count_on(engine, max(start + 1, far_ahead(second_postgres)))
        for number in (1, 2, 3):
            with engine.begin() as connection:
                Book(connection).transfer("a", "b", number, key=f"{number}")
                if number == 3:
                    hold = Book(connection).hold("a", "b", 30, key="hold")
            with engine.begin() as connection:
                Book(connection).seal()
        with engine.begin() as connection:
            book = Book(connection)
            horizon = book.seals()[-1].horizon
            known = [book.prove(id_) for id_ in _ids(connection, SEALED)]
            cursor = book.journal(newest_first=False).last
            assert cursor is not None
            book.transfer("a", "b", 4, key="4")
        with engine.begin() as connection:
            Book(connection).transfer("b", "c", 5, key="5")
            Book(connection).settle(hold.id, 10, key="settle", final=False)
        engine.dispose()
        file = dump(postgres, url, "sealed")
    yield Dump(file, known, cursor, horizon, hold.id)
    file.unlink()


def _ids(connection: sa.Connection, keys: list[str]) -> list[int]:
    table = schema.transaction.c
    return list(
        connection.execute(
            sa.select(table.id).where(table.key.in_(keys)).order_by(table.id)
        ).scalars()
    )


@contextmanager
def restored(cluster: PostgresCluster, file: Path) -> Iterator[sa.Engine]:
    with cluster.database() as url:
        database = sa.make_url(url).database
        socket = cluster.directory
        cluster.run(
            "pg_restore", "--exit-on-error", "-U", "postgres", "-h", socket, "-d", database, file
        )
        engine = connect(url)
        yield engine
        engine.dispose()


@pytest.fixture
def engine(dumped: Dump, second_postgres: PostgresCluster) -> Iterator[sa.Engine]:
    """The book in its new server, whose numbers are lower."""
    with restored(second_postgres, dumped.file) as engine:
        with engine.connect() as connection:
            assert reached(connection) < dumped.horizon
        yield engine


def transfer(engine: sa.Engine, key: str, source: str = "c", target: str = "d") -> None:
    with engine.begin() as connection:
        Book(connection).transfer(source, target, 1, key=key)


def seal(engine: sa.Engine) -> list[int]:
    with engine.begin() as connection:
        return [made.size for made in Book(connection).seal()]


def remarks(engine: sa.Engine) -> tuple[str, ...]:
    """What verification says of a sound book."""
    with engine.connect() as connection:
        report = Book(connection).verify(thorough=True)
        assert report.faults == ()
        return report.remarks


def keys(engine: sa.Engine, limit: int = 3) -> list[str]:
    """What whoever follows the journal from its beginning reads."""
    read: list[str] = []
    cursor = None
    with engine.connect() as connection:
        while True:
            page = Book(connection).journal(newest_first=False, after=cursor, limit=limit)
            read += [one.key for one in page.transactions]
            assert len(read) < 100
            cursor = page.last
            if page.next is None:
                return read


def test_a_book_on_a_server_with_lower_numbers_goes_on_and_is_sealed_by_itself(
    engine: sa.Engine, dumped: Dump
) -> None:
    assert remarks(engine) == (RESTORED,)
    transfer(engine, "new 1")
    with engine.begin() as connection:
        Book(connection).void(dumped.hold, key="new 2")
    assert remarks(engine) == (RESTORED,)
    with engine.connect() as connection:
        assert Book(connection).unsealed().transactions == len(UNSEALED) + 2
    assert seal(engine) == [0, len(UNSEALED) + 2]
    assert remarks(engine) == ()
    transfer(engine, "new 3")
    assert remarks(engine) == ()
    assert seal(engine) == [1]
    assert seal(engine) == []
    assert remarks(engine) == ()
    with engine.connect() as connection:
        book = Book(connection)
        for proof in dumped.proofs:
            assert book.prove(proof.transaction.id) == proof
            proofs.check(proof)
        assert sealed_in(connection) == {
            "1": 1, "2": 2, "3": 3, "hold": 3, "4": 5, "5": 5, "settle": 5,
            "new 1": 5, "new 2": 5, "new 3": 6,
        }  # fmt: skip


def test_numbers_that_have_passed_the_last_seal_leave_nothing_unsealed(
    engine: sa.Engine, dumped: Dump
) -> None:
    transfer(engine, "below")
    count_on(engine, dumped.horizon + 10)
    transfer(engine, "above")
    assert remarks(engine) == (RESTORED,)
    assert seal(engine) == [0, len(UNSEALED) + 2]
    assert remarks(engine) == ()
    assert seal(engine) == []


def test_a_follower_is_told_to_begin_anew_and_then_gets_all_of_it(
    engine: sa.Engine, dumped: Dump
) -> None:
    with engine.connect() as connection, pytest.raises(ledger.CursorExpired):
        Book(connection).journal(newest_first=False, after=dumped.cursor)
    transfer(engine, "new 1")
    every = ["1", "2", "3", "4", "5", "settle", "new 1"]
    assert keys(engine) == every
    with engine.connect() as connection:
        between = Book(connection).journal(newest_first=False).last
    seal(engine)
    with engine.connect() as connection, pytest.raises(ledger.CursorExpired):
        Book(connection).journal(newest_first=False, after=between)
    assert keys(engine) == every
    with engine.connect() as connection:
        cursor = Book(connection).journal(newest_first=False).last
    transfer(engine, "new 2")
    with engine.connect() as connection:
        page = Book(connection).journal(newest_first=False, after=cursor)
        assert [one.key for one in page.transactions] == ["new 2"]
    assert keys(engine) == [*every, "new 2"]
    count_on(engine, dumped.horizon + 100)  # past the numbers that came along
    assert keys(engine) == [*every, "new 2"]


def test_no_writer_waits_for_the_first_seal_and_none_is_left_out(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "MOST_LEAVES", 5)
    begun = threading.Barrier(4)

    def write(seed: int) -> None:
        own = connect(engine.url.render_as_string(hide_password=False))
        for number in range(30):
            with own.begin() as connection:
                book = Book(connection)
                connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
                codes = sorted(("abcdef"[number % 6], "abcdef"[(number + seed) % 6]))
                moved = book.transfer(codes[0], codes[1], 1, key=f"{seed}:{number}")
                if number % 7 == 0:
                    book.reverse(moved.id, key=f"{seed}:{number}:back")
                if number % 5 == 0:
                    connection.exec_driver_sql("SELECT pg_sleep(0.01)")
            if number == 5:
                begun.wait(30)
        own.dispose()

    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(write, seed) for seed in (1, 2, 3)]
        begun.wait(30)
        sizes = seal(engine)
        for writer in writers:
            writer.result()
    assert sizes[0] == 0
    assert sum(sizes) >= len(UNSEALED) + 15
    seal(engine)
    assert remarks(engine) == ()
    with engine.connect() as connection:
        table = schema.transaction.c
        every = connection.execute(sa.select(table.key).where(table.action != "open")).scalars()
        assert sorted(sealed_in(connection)) == sorted(every)
        assert faults(connection) == set()
        assert Book(connection).unsealed().transactions == 0


def test_what_is_running_during_the_first_seal_is_in_the_next(engine: sa.Engine) -> None:
    with engine.connect() as running:
        running.exec_driver_sql("SET lock_timeout = '2s'")
        Book(running).transfer("a", "b", 1, key="running")
        transfer(engine, "done", "e", "f")
        with engine.connect() as connection:  # the first seal waits for nothing
            assert Book(connection).unsealed().held_up_by is None
        assert seal(engine) == [0, len(UNSEALED) + 1]
        Book(running).transfer("b", "c", 1, key="running still")
        running.commit()
    assert remarks(engine) == ()
    assert seal(engine) == [2]
    with engine.connect() as connection:
        assert faults(connection) == set()


def test_where_the_server_may_not_be_asked_who_it_is_a_person_says_it(
    engine: sa.Engine, second_postgres: PostgresCluster
) -> None:
    second_postgres.execute("CREATE ROLE blind")
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(ledger.roles_sql("blind"))
            connection.exec_driver_sql("REVOKE EXECUTE ON FUNCTION pg_control_system FROM PUBLIC")
        with engine.connect() as connection:
            connection.exec_driver_sql("SET ROLE blind")
            connection.commit()
            book = Book(connection)
            book.transfer("a", "b", 1, key="new")
            connection.commit()
            assert book.verify().faults == ()
            assert book.verify().remarks == (RESTORED,)
            with pytest.raises(ledger.HorizonBehind, match="after_restore"):
                book.seal()
            sizes = [made.size for made in book.seal(after_restore=True)]
            assert sizes == [0, len(UNSEALED) + 1]
            connection.commit()
            assert book.verify().remarks == ()
            connection.exec_driver_sql("RESET ROLE")
            connection.exec_driver_sql("DROP OWNED BY blind")
            connection.commit()
    finally:
        second_postgres.execute("DROP ROLE blind")


def test_a_book_that_was_never_sealed_is_sealed_in_its_new_server(
    postgres: PostgresCluster, second_postgres: PostgresCluster
) -> None:
    if not second_postgres.has("pg_dump"):
        pytest.skip("there is no pg_dump here")
    with postgres.database() as url:
        install(url)
        first = connect(url)
        with first.begin() as connection:
            for code in "abcd":
                Book(connection).open_account(code, floor=None, key=new_key())
        with first.connect() as connection:
            start = reached(connection)
        count_on(first, max(start + 1, far_ahead(second_postgres)))
        transfer(first, "old")
        first.dispose()
        file = dump(postgres, url, "never_sealed")
    with restored(second_postgres, file) as engine:
        file.unlink()
        transfer(engine, "new")
        assert remarks(engine) == (RESTORED,)
        assert keys(engine) == ["old", "new"]
        assert seal(engine) == [0, 6]  # with four openings
        assert remarks(engine) == ()
        assert keys(engine) == ["old", "new"]
