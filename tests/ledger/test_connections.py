"""What the book makes of its caller's connection to PostgreSQL, and of what befalls it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import count
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Book, LimitExceeded, NewTransaction, Posting, UnknownAccount, retrying, schema
from tests.databases import PostgresCluster
from tests.ledger.conftest import in_the_past
from tests.ledger.keys import new_key

pytestmark = pytest.mark.postgresql

A, B = "school:a", "school:b"
MEMO = "Café \\ \"für\" 'alle', {1}, %s"
keys = (f"key {number}" for number in count())


@pytest.fixture(scope="module")
def url(postgres: PostgresCluster) -> Iterator[str]:
    """A book that other tests here have used."""
    with postgres.database() as url:
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            schema.install(connection)
            for code in (A, B):
                in_the_past(connection).open_account(code, floor=None, key=new_key())
        engine.dispose()
        yield url


@pytest.fixture
def engines(url: str) -> Iterator[Callable[..., sa.Engine]]:
    """Make engines that give back every connection."""
    made: list[sa.Engine] = []

    def engine(**options: Any) -> sa.Engine:
        made.append(sa.create_engine(url, **options))
        return made[-1]

    yield engine
    for one in made:
        assert isinstance(one.pool, sa.pool.QueuePool)
        left = one.pool.checkedout()
        one.dispose()
        assert left == 0, f"{left} connections were not given back"


@pytest.fixture
def engine(engines: Callable[..., sa.Engine]) -> sa.Engine:
    return engines()


@pytest.fixture
def other(engines: Callable[..., sa.Engine]) -> Iterator[sa.Connection]:
    """Another client of the database, without transactions."""
    with engines(isolation_level="AUTOCOMMIT").connect() as connection:
        yield connection


def pay(bind: sa.Connection | Session, **more: Any) -> str:
    """Transfer a minute, and return the key."""
    key = next(keys)
    Book(bind).transfer(A, B, 1, key=key, **more)
    return key


def is_recorded(other: sa.Connection, key: str) -> bool:
    """Whether the other client sees the transaction."""
    statement = "SELECT count(*) FROM ledger_transaction WHERE key = %s"
    return bool(other.exec_driver_sql(statement, (key,)).scalar_one())


def backend(connection: sa.Connection) -> int:
    number = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    assert isinstance(number, int)
    return number


def sqlstate(error: sa.exc.DBAPIError) -> str | None:
    assert isinstance(error.orig, psycopg.Error)
    return error.orig.sqlstate


def prepared(connection: sa.Connection) -> list[str]:
    """The statements of the ledger's functions that the server keeps for this connection."""
    rows = connection.exec_driver_sql("SELECT statement FROM pg_prepared_statements").scalars()
    return [row for row in rows if "ledger_move" in row]


class Kind(StrEnum):
    """A text that is not only a text."""

    LESSON = "lesson"


class Moment(datetime):
    """An instant that is not only an instant."""


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"isolation_level": "SERIALIZABLE"},
        {"isolation_level": "REPEATABLE READ"},
        {"connect_args": {"client_encoding": "latin1"}},
        {"connect_args": {"prepare_threshold": None}},
        {"connect_args": {"prepare_threshold": 0}},
        {"connect_args": {"options": "-c DateStyle=ISO,DMY -c TimeZone=Asia/Kathmandu"}},
        {"connect_args": {"options": "-c IntervalStyle=iso_8601 -c bytea_output=escape"}},
        {"connect_args": {"cursor_factory": psycopg.ClientCursor}},
    ],
    ids=str,
)
def test_the_answers_do_not_depend_on_how_one_is_connected(
    engines: Callable[..., sa.Engine], options: dict[str, Any]
) -> None:
    with engines(**options).connect() as connection, Session(connection) as session:
        check_answers(connection)
        connection.rollback()
        check_answers(session)


def check_answers(bind: sa.Connection | Session) -> None:
    """Check what a book answers to unusual values, and to refusals after which it goes on."""
    now = Moment.now(UTC)
    book = Book(bind, clock=lambda: now)
    source = next(keys).replace(" ", ".")
    in_the_past(bind).open_account(source, floor=-100, key=new_key())
    more: dict[str, Any] = {"memo": MEMO, "kind": Kind.LESSON, "actor": "é"}
    before = now.date() - timedelta(days=40)
    first = book.transfer(source, B, 60, key=next(keys), **more)
    second, third = book.post_many(
        [
            NewTransaction(postings=[Posting(source, -2), Posting(B, 2)], key=next(keys), **more),
            NewTransaction(
                postings=[Posting(source, -3), Posting(B, 3)], key=next(keys), effective=before
            ),
        ]
    )
    expires = Moment(2999, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    hold = book.hold(source, B, 10, key=next(keys), expires_at=expires)
    with pytest.raises(LimitExceeded) as floor:
        book.transfer(source, B, 100, key=next(keys))
    with pytest.raises(UnknownAccount):
        book.transfer(source, "nobody", 1, key=next(keys))
    journal = book.journal(account=source, newest_first=False).transactions
    assert [*journal] == [first, second, third]
    assert (first.memo, first.kind, first.actor) == (MEMO, "lesson", "é")
    assert [(entry.account, entry.amount) for entry in first.entries] == [(source, -60), (B, 60)]
    assert third.effective == before  # type: ignore[union-attr]
    assert hold.expires_at == expires
    assert floor.value.available == 100 - 65 - 10


def test_a_listener_to_statements_hears_of_it(engine: sa.Engine) -> None:
    heard: list[str] = []

    @sa.event.listens_for(engine, "before_cursor_execute")
    def listen(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        heard.append(statement)

    with engine.connect() as connection:
        pay(connection)
    assert len([statement for statement in heard if "ledger_move" in statement]) == 1


def test_the_transaction_is_the_callers(engine: sa.Engine, other: sa.Connection) -> None:
    with engine.connect() as connection:
        key = pay(connection)
        assert not is_recorded(other, key)
        connection.commit()
        assert is_recorded(other, key)
        with connection.begin_nested() as savepoint:
            undone = pay(connection)
            savepoint.rollback()
        key = pay(connection)
        connection.commit()
        undone_too = pay(connection)
    assert [is_recorded(other, one) for one in (key, undone, undone_too)] == [True, False, False]


def test_a_transaction_that_is_over_is_not_begun_again_by_itself(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.commit()
        with pytest.raises(sa.exc.InvalidRequestError, match="closed transaction"):
            pay(connection)
    with pytest.raises(sa.exc.ResourceClosedError):
        pay(connection)


def test_after_an_error_the_caller_has_to_roll_back(engine: sa.Engine) -> None:
    for used in (False, True):
        with engine.connect() as connection:
            if used:
                pay(connection)
            with pytest.raises(sa.exc.DataError):
                connection.exec_driver_sql("SELECT 1 / 0")
            with pytest.raises(sa.exc.InternalError) as aborted:
                pay(connection)
            assert isinstance(aborted.value.orig, psycopg.errors.InFailedSqlTransaction)
            connection.rollback()
            pay(connection)


@contextmanager
def locked(other: sa.Connection) -> Iterator[None]:
    """One of the accounts is the other client's for a while."""
    other.exec_driver_sql("BEGIN")
    other.exec_driver_sql(
        "SELECT FROM ledger_balance WHERE account_id ="
        " (SELECT id FROM ledger_account WHERE code = %s) FOR UPDATE",
        (B,),
    )
    try:
        yield
    finally:
        other.exec_driver_sql("ROLLBACK")


@pytest.mark.parametrize("hidden", [False, True], ids=["shown", "hidden"])
def test_an_error_is_sqlalchemys_and_says_what_was_asked(
    engines: Callable[..., sa.Engine], other: sa.Connection, hidden: bool
) -> None:
    engine = engines(hide_parameters=hidden, connect_args={"options": "-c lock_timeout=50"})
    with engine.connect() as connection:
        with locked(other), pytest.raises(sa.exc.OperationalError) as error:
            pay(connection, memo="a secret")
        assert sqlstate(error.value) == "55P03"
        assert not error.value.connection_invalidated
        assert "ledger_move" in (error.value.statement or "")
        assert ("a secret" in str(error.value)) is not hidden
        connection.rollback()
        key = pay(connection)
        connection.commit()
    assert is_recorded(other, key)


@pytest.mark.parametrize("used", [False, True], ids=["new", "used"])
def test_a_connection_that_was_cut_is_replaced(
    engine: sa.Engine, other: sa.Connection, used: bool
) -> None:
    with engine.connect() as connection:
        number = backend(connection)
        if used:
            pay(connection)
            connection.rollback()
        other.exec_driver_sql("SELECT pg_terminate_backend(%s, 5000)", (number,))
        with pytest.raises(sa.exc.OperationalError) as error:
            pay(connection)
        assert error.value.connection_invalidated
        with pytest.raises(sa.exc.PendingRollbackError):
            pay(connection)
        connection.rollback()
        key = pay(connection)
        connection.commit()
        assert backend(connection) != number
    assert is_recorded(other, key)


def test_a_connection_that_is_cut_during_the_call_is_replaced(
    engine: sa.Engine, engines: Callable[..., sa.Engine], other: sa.Connection
) -> None:
    attempts: list[int] = []
    key = next(keys)

    def work(book: Book) -> None:
        attempts.append(backend(book.connection))
        book.transfer(A, B, 1, key=key)

    with engines(isolation_level="AUTOCOMMIT").connect() as killer, locked(other):

        def kill() -> None:
            while not attempts or not is_waiting(killer, attempts[0]):
                time.sleep(0.01)
            killer.exec_driver_sql("SELECT pg_terminate_backend(%s, 5000)", (attempts[0],))

        thread = threading.Thread(target=kill)
        thread.start()
        with pytest.raises(sa.exc.OperationalError) as error:
            retrying(engine, work, attempts=1)
        thread.join()
    assert error.value.connection_invalidated
    assert sqlstate(error.value) == "57P01"
    retrying(engine, work)
    assert attempts[0] != attempts[1]
    assert is_recorded(other, key)


def is_waiting(other: sa.Connection, number: int) -> bool:
    """Whether a backend waits for a lock."""
    statement = "SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s"
    return other.exec_driver_sql(statement, (number,)).scalar() == "Lock"


def test_statements_are_prepared_as_the_connections_owner_has_it(
    engines: Callable[..., sa.Engine],
) -> None:
    for threshold, expected in ((5, 1), (None, 0)):
        engine = engines(connect_args={"prepare_threshold": threshold})
        with engine.connect() as connection:
            for _ in range(8):
                pay(connection)
            assert len(prepared(connection)) == expected


def test_an_upgrade_while_connected_is_noticed(engine: sa.Engine, other: sa.Connection) -> None:
    with engine.connect() as connection:
        for _ in range(8):
            pay(connection)
        connection.commit()
        with engine.begin() as owner:
            schema.install(owner)
        assert prepared(connection)
        key = pay(connection)
        connection.commit()
    assert is_recorded(other, key)


def test_each_schema_of_a_database_can_have_a_book(postgres: PostgresCluster) -> None:
    minutes = {"one": 1, "two": 2}
    with postgres.database() as url:
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            for name in minutes:
                connection.exec_driver_sql(f"CREATE SCHEMA {name}; SET search_path = {name}")
                assert schema.version_of(connection) == 0
                schema.install(connection)
                book = Book(connection)
                book.open_account(A, floor=None, key="a")
                book.open_account(B, floor=None, key="b")
                book.transfer(A, B, minutes[name], key="transfer")
            for name in minutes:
                connection.exec_driver_sql(f"SET search_path = {name}")
                assert Book(connection).account(B).posted == minutes[name]
                assert Book(connection).verify(thorough=True).faults == ()
        engine.dispose()
