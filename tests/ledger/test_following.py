"""Whoever follows the journal gets every transaction once, whenever it commits."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

import ledger
from ledger import Book, NewTransaction, Posting
from tests.databases import PostgresCluster
from tests.ledger.conftest import connect
from tests.ledger.keys import new_key

A, B = "a", "b"
CODES = "abcdefg"


@pytest.fixture
def following(engine: sa.Engine) -> sa.Engine:
    with engine.begin() as connection:
        for code in CODES:
            Book(connection).open_account(code, floor=None, key=new_key())
    return engine


@pytest.fixture
def on_postgresql(following: sa.Engine) -> sa.Engine:
    if following.dialect.name != "postgresql":
        pytest.skip("on SQLite one transaction writes at a time")
    return following


class Follower:
    """Reads what is new, and remembers what it has read and how far it has come."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.keys: list[str] = []
        self.cursor: str | None = None

    def read(self, limit: int = 50) -> list[str]:
        new: list[str] = []
        with self.engine.connect() as connection:
            while True:
                page = Book(connection).journal(after=self.cursor, newest_first=False, limit=limit)
                new += [one.key for one in page.transactions]
                self.cursor = page.last
                if page.next is None:
                    break
                assert page.next == page.last
        self.keys += new
        return new


def transfer(engine: sa.Engine, key: str, one: str = A, two: str = B) -> None:
    with engine.begin() as connection:
        Book(connection).transfer(one, two, 1, key=key)


def test_a_follower_goes_on_from_where_the_last_page_ended(following: sa.Engine) -> None:
    follower = Follower(following)
    assert follower.read() == []
    assert follower.cursor is None
    for number in range(5):
        transfer(following, f"{number}")
    assert follower.read(limit=2) == ["0", "1", "2", "3", "4"]
    cursor = follower.cursor
    assert follower.read() == []
    assert follower.cursor == cursor
    with following.begin() as connection:
        Book(connection).hold(A, B, 5, key="moves nothing")
    transfer(following, "5")
    with following.begin() as connection:
        Book(connection).seal()
    transfer(following, "6")
    assert follower.read(limit=1) == ["5", "6"]
    assert Follower(following).read(limit=3) == follower.keys


def test_a_cursor_that_is_none_is_refused(following: sa.Engine) -> None:
    transfer(following, "1")
    with following.connect() as connection:
        book = Book(connection)
        cursors = ["", "x", "1/2/3/x", "/1/1/١", "\0", "9" * 30]
        if following.dialect.name == "postgresql":
            cursors += ["1", "1/2", "1/1/1/1/1"]  # those of other lists are not of this one
        for cursor in cursors:
            with pytest.raises(ledger.InvalidText, match="cursor"):
                book.journal(after=cursor, newest_first=False)
        assert len(book.journal(newest_first=False).transactions) == 1


@pytest.mark.postgresql
def test_what_commits_late_is_not_skipped(on_postgresql: sa.Engine) -> None:
    engine, follower = on_postgresql, Follower(on_postgresql)
    transfer(engine, "0")
    with engine.connect() as slow:
        Book(slow).transfer("c", "d", 1, key="slow")
        transfer(engine, "fast")
        assert follower.read() == ["0"]
        slow.commit()
    assert follower.read() == ["slow", "fast"]
    assert follower.read() == []


@pytest.mark.postgresql
def test_a_lower_xid_with_a_higher_number_holds_nothing_back_for_ever(
    on_postgresql: sa.Engine,
) -> None:
    """The one that began first draws the higher number; the other is the slow one."""
    engine, follower = on_postgresql, Follower(on_postgresql)
    with engine.connect() as first, engine.connect() as second:
        first.execute(sa.text("SELECT pg_current_xact_id()"))
        Book(second).transfer("c", "d", 1, key="higher xid, lower number")
        Book(first).transfer("e", "f", 1, key="lower xid, higher number")
        first.commit()
        transfer(engine, "third")
        assert follower.read() == ["lower xid, higher number"]
        second.commit()
    assert follower.read(limit=1) == ["higher xid, lower number", "third"]


@pytest.mark.postgresql
def test_ones_own_writes_are_there_unless_something_older_is_running(
    on_postgresql: sa.Engine,
) -> None:
    engine = on_postgresql
    with engine.connect() as own, engine.connect() as other:
        book = Book(own)
        book.transfer(A, B, 1, key="own 1")
        page = book.journal(newest_first=False)
        assert [one.key for one in page.transactions] == ["own 1"]
        book.transfer(A, B, 1, key="own 2")
        page = book.journal(newest_first=False, after=page.last)
        assert [one.key for one in page.transactions] == ["own 2"]
        own.rollback()
        with pytest.raises(ledger.CursorExpired):  # what it stands on is gone
            book.journal(newest_first=False, after=page.last)
        own.rollback()
        other.execute(sa.text("SELECT pg_current_xact_id()"))
        book.transfer(A, B, 1, key="own 3")
        assert book.journal(newest_first=False).transactions == ()
        assert len(book.journal().transactions) == 1
        other.rollback()
        assert len(book.journal(newest_first=False).transactions) == 1


@pytest.mark.postgresql
def test_a_cursor_behind_what_the_book_no_longer_has_has_expired(
    on_postgresql: sa.Engine,
) -> None:
    engine, follower = on_postgresql, Follower(on_postgresql)
    transfer(engine, "1")
    follower.read()
    assert follower.cursor is not None
    server, seal, number, recorded = follower.cursor.split("/")
    for cursor in (
        f"{server}/{seal}/{number}/{int(recorded) + 1}",  # another one has its number now
        f"{server}/{seal}/{int(number) + 1}/{recorded}",
        f"{server}/{int(seal) + 1}/{number}/{recorded}",
        f"1{server}/{seal}/{number}/{recorded}",
    ):
        with engine.connect() as connection, pytest.raises(ledger.CursorExpired, match="again"):
            Book(connection).journal(newest_first=False, after=cursor)
    assert follower.read() == []


@pytest.mark.postgresql
def test_a_seal_that_says_the_book_has_moved_ends_the_cursors_from_before(
    on_postgresql: sa.Engine,
) -> None:
    engine, follower = on_postgresql, Follower(on_postgresql)
    transfer(engine, "1")
    follower.read()
    with engine.begin() as connection:
        Book(connection).seal()
    assert follower.read() == []
    with engine.begin() as connection:
        assert [made.size for made in Book(connection).seal(after_restore=True)] == [0]
    with pytest.raises(ledger.CursorExpired):
        follower.read()
    follower = Follower(engine)
    assert follower.read() == ["1"]
    transfer(engine, "2")
    with engine.begin() as connection:
        assert [made.size for made in Book(connection).seal()] == [1]
    assert follower.read() == ["2"]


@pytest.mark.postgresql
def test_under_writers_a_follower_misses_nothing(
    on_postgresql: sa.Engine, database_url: str
) -> None:
    engine, follower, done = on_postgresql, Follower(on_postgresql), threading.Event()

    def write(seed: int) -> None:
        own = connect(database_url)
        for number in range(40):
            with own.connect() as connection:
                if (number + seed) % 3 == 0:
                    connection.execute(sa.text("SELECT pg_current_xact_id()"))
                    connection.execute(sa.text("SELECT pg_sleep(0.002)"))
                one, two = CODES[seed], CODES[(seed + number % 5 + 1) % 7]
                codes = sorted((one, two))
                Book(connection).transfer(codes[0], codes[1], 1, key=f"{seed}:{number}")
                if number % 4 == 0:
                    connection.execute(sa.text("SELECT pg_sleep(0.003)"))
                if number % 10:
                    connection.commit()
        own.dispose()

    def follow() -> None:
        while not done.is_set():
            follower.read(limit=7)
            with engine.begin() as connection:
                Book(connection).seal()

    with ThreadPoolExecutor(5) as pool:
        reading = pool.submit(follow)
        try:
            list(pool.map(write, range(4)))
        finally:
            done.set()
        reading.result()
    follower.read()
    expected = {f"{seed}:{number}" for seed in range(4) for number in range(40) if number % 10}
    assert len(follower.keys) == len(expected)
    assert set(follower.keys) == expected
    again = Follower(engine)
    assert again.read(limit=13) == follower.keys


@pytest.mark.postgresql
def test_a_page_is_an_index_scan_however_long_the_journal(on_postgresql: sa.Engine) -> None:
    engine = on_postgresql
    statements: list[tuple[str, object]] = []
    with engine.begin() as connection:
        for code in CODES:
            book = Book(connection)
            book.post_many(
                [
                    NewTransaction(postings=[Posting(A, -1), Posting(B, 1)], key=f"{code}{n}")
                    for n in range(500)
                ]
            )
    for key in "xyz":
        transfer(engine, key)
    with engine.begin() as connection:
        Book(connection).seal()
    for number in range(30):
        transfer(engine, f"after {number}")
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")

    def note(conn: object, cursor: object, statement: str, parameters: object, *_: object) -> None:
        statements.append((statement, parameters))

    with engine.connect() as connection:
        book = Book(connection)
        sealed = book.journal(newest_first=False, limit=20)
        last = book.journal(newest_first=False, limit=4000)
        assert last.next is None
        sa.event.listen(connection, "before_cursor_execute", note)
        for cursor in (None, sealed.next, last.last):
            statements.clear()
            book.journal(newest_first=False, after=cursor, limit=10)
            pages = [one for one in statements if "ORDER BY" in one[0] and "LIMIT" in one[0]]
            assert pages
            for statement, parameters in pages:
                plan = "\n".join(
                    connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars()
                )
                assert "Seq Scan on ledger_transaction" not in plan, plan
                assert "Seq Scan on ledger_seal_leaf" not in plan, plan


def test_as_of_answers_are_final_up_to_an_instant(following: sa.Engine) -> None:
    transfer(following, "1")
    with following.connect() as connection:
        settled = Book(connection).settled_until()
        assert settled is not None
        assert datetime.now(UTC) - settled < timedelta(seconds=5)
        assert Book(connection).balance(B, recorded=settled) == 1


@pytest.mark.postgresql
def test_an_answer_beyond_that_instant_may_change_and_none_before_it(
    on_postgresql: sa.Engine,
) -> None:
    engine = on_postgresql
    with engine.connect() as slow, engine.connect() as asking:
        book = Book(asking)
        Book(slow).transfer("c", "d", 10, key="slow")
        transfer(engine, "fast")
        settled = book.settled_until()
        now = datetime.now(UTC)
        before = book.balance("d", recorded=now), book.balance("d", recorded=settled)
        assert settled is not None
        table = book.trial_balance(recorded=settled)
        slow.commit()
        assert before == (0, 0)
        assert (book.balance("d", recorded=now), book.balance("d", recorded=settled)) == (10, 0)
        assert book.trial_balance(recorded=settled) == table
        later = book.settled_until()
        assert later is not None
        assert later > now
        Book(asking).transfer("c", "d", 1, key="own")  # one's own holds nothing up
        again = book.settled_until()
        assert again is not None
        assert again > later


@pytest.mark.postgresql
def test_what_only_reads_holds_nothing_up(on_postgresql: sa.Engine) -> None:
    engine = on_postgresql
    with engine.connect() as reader, engine.connect() as asking:
        Book(reader).balance(A)
        Book(reader).verify()
        began = datetime.now(UTC)
        settled = Book(asking).settled_until()
        assert settled is not None
        assert settled > began


@pytest.mark.postgresql
def test_an_older_snapshot_cannot_tell(on_postgresql: sa.Engine) -> None:
    with on_postgresql.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ")
        assert Book(connection).settled_until() is None


@pytest.mark.postgresql
def test_a_role_that_does_not_see_others_cannot_tell_while_one_writes(
    on_postgresql: sa.Engine, postgres: PostgresCluster
) -> None:
    engine = on_postgresql
    postgres.execute("CREATE ROLE blind")
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(ledger.roles_sql("blind"))
        with engine.connect() as blind, engine.connect() as writer:
            blind.exec_driver_sql("SET ROLE blind")
            blind.commit()
            assert Book(blind).settled_until() is not None
            Book(writer).transfer(A, B, 1, key="1")
            assert Book(blind).settled_until() is None
            writer.commit()
            assert Book(blind).settled_until() is not None
            blind.exec_driver_sql("RESET ROLE")
            blind.commit()
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP OWNED BY blind")
    finally:
        postgres.execute("DROP ROLE blind")


def test_beside_a_writer_a_reader_of_sqlite_is_told_what_is_final(
    following: sa.Engine,
) -> None:
    if following.dialect.name == "postgresql":
        pytest.skip("on PostgreSQL it is asked who writes")
    transfer(following, "1")
    reading = following.execution_options(read_only=True)
    with following.connect() as writer, reading.connect() as reader:
        Book(writer).transfer(A, B, 10, key="2")
        settled = Book(reader).settled_until()
        assert settled is not None
        assert Book(reader).balance(B, recorded=settled) == 1
        reader.rollback()
        writer.commit()
        assert Book(reader).balance(B, recorded=settled) == 1
        assert Book(reader).balance(B) == 11
