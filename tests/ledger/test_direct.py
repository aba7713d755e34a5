"""On PostgreSQL a call may go around SQLAlchemy's execution; nobody can tell, except by a clock.

Each test is done both ways: somebody who listens to statements makes it the ordinary one.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import count
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import (
    Book,
    LimitExceeded,
    NewTransaction,
    Posting,
    Transaction,
    UnknownAccount,
    retrying,
    schema,
)
from tests.databases import PostgresCluster
from tests.ledger.conftest import in_the_past
from tests.ledger.keys import new_key

pytestmark = pytest.mark.postgresql

A, B = "school:a", "school:b"
MEMO = "Café \\ \"für\" 'alle', {1}, %s"
Other = psycopg.Connection[Any]
keys = (f"key {number}" for number in count())


@pytest.fixture(scope="module")
def url(postgres: PostgresCluster) -> Iterator[str]:
    """A book that others may have used."""
    with postgres.database() as url:
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            schema.install(connection)
            for code in (A, B):
                in_the_past(connection).open_account(code, floor=None, key=new_key())
        engine.dispose()
        yield url


@pytest.fixture(params=["direct", "ordinary"])
def engines(request: pytest.FixtureRequest, url: str) -> Iterator[Callable[..., sa.Engine]]:
    """Engines that work directly, or the ordinary way."""
    made: list[sa.Engine] = []

    def engine(**options: Any) -> sa.Engine:
        made.append(sa.create_engine(url, **options))
        if request.param == "ordinary":
            sa.event.listen(made[-1], "before_cursor_execute", lambda *_: None)
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
def other(url: str) -> Iterator[Other]:
    """Somebody else, without transactions."""
    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        yield connection


def pay(bind: sa.Connection | Session, key: str | None = None, **more: Any) -> str:
    """Transfer a minute, and give the key."""
    key = key or next(keys)
    Book(bind).transfer(A, B, 1, key=key, **more)
    return key


def recorded(other: Other, key: str) -> bool:
    """Whether somebody else sees the transaction."""
    found = other.execute("SELECT FROM ledger_transaction WHERE key = %s", [key])
    return found.fetchone() is not None


def backend(connection: sa.Connection) -> int:
    number = connection.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
    assert isinstance(number, int)
    return number


class Kind(StrEnum):
    """A text that is not only a text."""

    LESSON = "lesson"


class Moment(datetime):
    """An instant that is not only an instant."""


def everything(bind: sa.Connection | Session) -> list[Any]:
    """What a book answers to what is asked directly, without what differs each time."""
    now = Moment.now(UTC)
    book = Book(bind, clock=lambda: now)
    before = now.date() - timedelta(days=40)
    in_the_past(bind).open_account(
        source := next(keys).replace(" ", "."), floor=-100, key=new_key()
    )
    more: dict[str, Any] = {"memo": MEMO, "kind": Kind.LESSON, "actor": "é"}
    key = next(keys)
    answers = [
        book.transfer(source, B, 60, key=key, **more),
        book.transfer(source, B, 60, key=key, **more),
        book.transfer(source, B, 5, key=next(keys), effective=before),
        *book.post_many(
            [
                NewTransaction(
                    postings=[Posting(source, -2), Posting(B, 2)], key=next(keys), memo=MEMO
                ),
                NewTransaction(
                    postings=[Posting(source, -3), Posting(B, 3)], key=next(keys), effective=before
                ),
            ]
        ),
    ]
    expires = Moment(2999, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    hold = book.hold(source, B, 10, key=next(keys), expires_at=expires)
    with pytest.raises(LimitExceeded) as floor:
        book.transfer(source, B, 100, key=next(keys))
    with pytest.raises(UnknownAccount):
        book.transfer(source, "nobody", 1, key=next(keys))
    journal = book.journal(account=source, newest_first=False).transactions
    assert all(isinstance(answer, Transaction) for answer in answers)
    told = {a.id: a for a in answers if isinstance(a, Transaction) and not a.replayed}
    assert list(journal) == list(told.values())
    days = [(a.effective - now.date()).days for a in journal]
    figures = [[(e.amount, e.account == B or e.balance) for e in a.entries] for a in journal]
    account = book.account(source)
    held = (hold.expires_at, account.posted, account.held_out, account.version)
    return [
        [(a.memo, a.kind, a.actor) for a in journal],
        days,
        figures,
        held,
        floor.value.available,
    ]


EXPECTED = [
    [(MEMO, "lesson", "é"), ("", "transfer", ""), (MEMO, "transfer", ""), ("", "transfer", "")],
    [0, -40, 0, -40],
    [[(-n, balance), (n, True)] for n, balance in ((60, -60), (5, -65), (2, -67), (3, -70))],
    (datetime(2999, 1, 2, 3, 4, 5, 6, tzinfo=UTC), -70, 10, 4),
    20,
]


def test_a_connection_a_session_and_retrying_get_the_same_answers(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        assert everything(connection) == EXPECTED
    with Session(engine) as session:
        assert everything(session) == EXPECTED
    assert retrying(engine, lambda book: everything(book.connection)) == EXPECTED


@pytest.mark.parametrize(
    "options",
    [
        {"isolation_level": "AUTOCOMMIT"},
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
    with engines(**options).connect() as connection:
        assert everything(connection) == EXPECTED
        connection.rollback()
        assert everything(connection) == EXPECTED


def test_in_the_drivers_pipeline_sqlalchemy_says_that_it_has_no_answer(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        with driver.pipeline(), pytest.raises(sa.exc.ResourceClosedError):
            pay(connection)
        connection.rollback()
        assert everything(connection) == EXPECTED


def test_who_listens_hears_of_it(url: str, caplog: pytest.LogCaptureFixture) -> None:
    engine = sa.create_engine(url)
    heard: list[str] = []

    def listen(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        heard.append(statement)

    def called(times: int) -> bool:
        found = len([one for one in heard if "ledger_move" in one]) == times
        heard.clear()
        return found

    with engine.connect() as connection:
        pay(connection)
        sa.event.listen(engine, "before_cursor_execute", listen)
        pay(connection)
        assert called(1)
        sa.event.remove(engine, "before_cursor_execute", listen)
        sa.event.listen(connection, "after_cursor_execute", listen)
        pay(connection)
        assert called(1)
        sa.event.remove(connection, "after_cursor_execute", listen)
        sa.event.listen(sa.Engine, "before_cursor_execute", listen)
        pay(connection)
        sa.event.remove(sa.Engine, "before_cursor_execute", listen)
        assert called(1)
    caplog.set_level(logging.INFO, logger="sqlalchemy.engine")
    with engine.connect() as connection:
        pay(connection)
    assert "ledger_move" in caplog.text
    engine.dispose()

    class Cursor(psycopg.Cursor[Any]):
        def execute(self, query: Any, *arguments: Any, **more: Any) -> Any:
            heard.append(str(query))
            return super().execute(query, *arguments, **more)

    caplog.set_level(logging.WARNING, logger="sqlalchemy.engine")
    engine = sa.create_engine(url, connect_args={"cursor_factory": Cursor})
    with engine.connect() as connection:
        pay(connection)
    assert called(1)
    engine.dispose()


def test_a_transaction_is_as_sqlalchemy_says(engine: sa.Engine, other: Other) -> None:
    with engine.begin() as connection:
        kept = pay(connection)
        assert not recorded(other, kept)
    assert recorded(other, kept)
    with engine.connect() as connection:
        lost = pay(connection)  # given back to the pool without a word
    assert not recorded(other, lost)
    with engine.connect() as connection:
        with connection.begin():
            kept = pay(connection)
        assert recorded(other, kept)
        pay(connection, lost)
        assert connection.in_transaction()
        connection.rollback()
        kept = pay(connection)
        connection.commit()
        assert recorded(other, kept)
        assert not recorded(other, lost)
        first = pay(connection)
        connection.exec_driver_sql("CREATE TEMPORARY TABLE mine ON COMMIT DROP AS SELECT 1")
        second = pay(connection)
        connection.commit()
        assert recorded(other, first)
        assert recorded(other, second)
    with suppress(ZeroDivisionError), engine.begin() as connection:
        pay(connection, lost)
        raise ZeroDivisionError
    assert not recorded(other, lost)


def test_isolation_is_as_asked_for(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        pay(connection)
        level = "SHOW transaction_isolation"
        assert connection.exec_driver_sql(level).scalar_one() == "read committed"
        connection.rollback()
        connection.execution_options(isolation_level="SERIALIZABLE")
        pay(connection)
        assert connection.exec_driver_sql(level).scalar_one() == "serializable"
    with engine.connect().execution_options(postgresql_readonly=True) as connection:
        with pytest.raises(sa.exc.InternalError) as refused:
            pay(connection)
        assert sqlstate(refused.value) == "25006"
    with engine.connect() as connection:
        pay(connection)
        assert connection.exec_driver_sql(level).scalar_one() == "read committed"


def test_savepoints_undo_and_keep(engine: sa.Engine, other: Other) -> None:
    lost, kept = next(keys), [next(keys) for _ in range(4)]
    with engine.connect() as connection:
        with connection.begin_nested():
            pay(connection, kept[0])
        savepoint = connection.begin_nested()
        pay(connection, lost)
        savepoint.rollback()
        pay(connection, kept[1])
        with pytest.raises(sa.exc.IntegrityError), connection.begin_nested():
            connection.exec_driver_sql("INSERT INTO ledger_pair_watermark VALUES (-1, 1)")
        pay(connection, kept[2])
        with connection.begin_nested() as outer:
            pay(connection, lost)
            with connection.begin_nested():
                pay(connection)
            outer.rollback()
            with pytest.raises(sa.exc.InvalidRequestError, match="closed transaction"):
                pay(connection, lost)
        pay(connection, kept[3])
        connection.commit()
    assert [recorded(other, key) for key in (lost, *kept)] == [False, True, True, True, True]


def test_a_transaction_that_is_over_is_not_begun_again_by_itself(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.commit()
        with pytest.raises(sa.exc.InvalidRequestError, match="closed transaction"):
            pay(connection)
    with pytest.raises(sa.exc.ResourceClosedError):
        pay(connection)
    with engine.connect() as connection:
        connection.invalidate()
        pay(connection)
        connection.invalidate()
        with pytest.raises(sa.exc.PendingRollbackError):
            pay(connection)
        connection.rollback()
        pay(connection)


def test_after_an_error_one_has_to_roll_back(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        pay(connection)
        with pytest.raises(sa.exc.DataError):
            connection.exec_driver_sql("SELECT 1 / 0")
        with pytest.raises(sa.exc.InternalError) as aborted:
            pay(connection)
        assert isinstance(aborted.value.orig, psycopg.errors.InFailedSqlTransaction)
        connection.rollback()
        pay(connection)
    with Session(engine) as session:
        pay(session)
        with pytest.raises(sa.exc.DataError):
            session.execute(sa.text("SELECT 1 / 0"))
        with pytest.raises(sa.exc.InternalError):
            pay(session)
        session.rollback()
        pay(session)


@contextmanager
def locked(other: Other) -> Iterator[None]:
    """One of the accounts is somebody else's."""
    with other.transaction():
        other.execute(
            "SELECT FROM ledger_balance WHERE account_id ="
            " (SELECT id FROM ledger_account WHERE code = %s) FOR UPDATE",
            [B],
        )
        yield


def sqlstate(error: sa.exc.DBAPIError) -> str | None:
    assert isinstance(error.orig, psycopg.Error)
    return error.orig.sqlstate


@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
@pytest.mark.parametrize(
    ("setting", "state"), [("lock_timeout", "55P03"), ("statement_timeout", "57014")]
)
def test_a_timeout_is_an_operational_error(
    engines: Callable[..., sa.Engine], other: Other, first: bool, setting: str, state: str
) -> None:
    engine = engines(connect_args={"options": f"-c {setting}=50"})
    with engine.connect() as connection:
        number = backend(connection)
        if not first:
            pay(connection)
            connection.rollback()
            connection.exec_driver_sql("SELECT 1")
        with locked(other), pytest.raises(sa.exc.OperationalError) as error:
            pay(connection)
        assert sqlstate(error.value) == state
        assert not error.value.connection_invalidated
        connection.rollback()
        kept = pay(connection)
        connection.commit()
        assert backend(connection) == number
    assert recorded(other, kept)


def test_errors_say_what_was_asked(engines: Callable[..., sa.Engine], other: Other) -> None:
    for hidden in (False, True):
        engine = engines(hide_parameters=hidden, connect_args={"options": "-c lock_timeout=50"})
        with (
            engine.connect() as connection,
            locked(other),
            pytest.raises(sa.exc.DBAPIError) as error,
        ):
            pay(connection, memo="a secret")
        assert isinstance(error.value.orig, psycopg.Error)
        assert error.value.__cause__ is error.value.orig
        assert "ledger_move" in (error.value.statement or "")
        assert "a secret" in error.value.params  # type: ignore[operator]
        assert ("a secret" in str(error.value)) is not hidden


def test_a_deadlock_is_found_and_retried(engines: Callable[..., sa.Engine], other: Other) -> None:
    engine = engines(connect_args={"options": "-c deadlock_timeout=50"})
    other.execute("SET deadlock_timeout = 10000")
    attempts, kept = [], next(keys)
    at_it, done = threading.Event(), threading.Event()

    def work(book: Book) -> None:
        attempts.append(1)
        book.connection.exec_driver_sql("SELECT FROM ledger_pair_watermark WHERE false")
        if len(attempts) == 1:
            book.connection.exec_driver_sql("SELECT pg_advisory_xact_lock(77)")
            at_it.set()
        book.transfer(A, B, 1, key=kept)

    def rival() -> None:
        with locked(other):
            at_it.wait(10)
            other.execute("SELECT pg_advisory_xact_lock(77)")
        done.set()

    thread = threading.Thread(target=rival)
    thread.start()
    time.sleep(0.1)
    retrying(engine, work)
    thread.join()
    assert done.is_set()
    assert len(attempts) == 2
    assert recorded(other, kept)


@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
@pytest.mark.parametrize("within", [False, True], ids=["first", "within"])
def test_a_connection_that_was_cut_is_replaced(
    engine: sa.Engine, other: Other, known: bool, within: bool
) -> None:
    """One that was cut while nothing was asked of it, with a second one idle in the pool."""
    with engine.connect() as connection, engine.connect() as second:
        gone = [backend(connection), backend(second)]
        if known:
            pay(connection)
            connection.rollback()
        if within:
            connection.exec_driver_sql("SELECT 1")
        second.close()
        for number in gone:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [number])
        with pytest.raises(sa.exc.OperationalError) as error:
            pay(connection, lost := next(keys))
        assert error.value.connection_invalidated
        assert "ledger_move" in (error.value.statement or "")
        assert connection.invalidated
        with pytest.raises(sa.exc.PendingRollbackError):
            pay(connection)
        connection.rollback()
        kept = pay(connection)
        connection.commit()
    with engine.connect() as connection, engine.connect() as second:
        pay(connection)
        second.exec_driver_sql("SELECT 1")  # the pool knows that it had been cut as well
    assert recorded(other, kept)
    assert not recorded(other, lost)


def test_a_connection_that_is_cut_during_the_call_is_replaced(
    engine: sa.Engine, url: str, other: Other
) -> None:
    attempts, kept = [], next(keys)

    def work(book: Book) -> None:
        attempts.append(backend(book.connection))
        book.transfer(A, B, 1, key=kept)

    with psycopg.connect(other.info.dsn, autocommit=True) as killer, locked(other):

        def kill() -> None:
            while not attempts or not waiting(killer, attempts[0]):
                time.sleep(0.01)
            killer.execute("SELECT pg_terminate_backend(%s, 5000)", [attempts[0]])

        thread = threading.Thread(target=kill)
        thread.start()
        with pytest.raises(sa.exc.OperationalError) as error:
            retrying(engine, work, attempts=1)
        thread.join()
    assert error.value.connection_invalidated
    assert sqlstate(error.value) == "57P01"
    retrying(engine, work)
    assert attempts[0] != attempts[1]
    assert recorded(other, kept)


def waiting(other: Other, number: int) -> bool:
    """Whether a backend waits for a lock."""
    found = other.execute("SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s", [number])
    return found.fetchone() == ("Lock",)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """An interrupt interrupts, even where the tests were started with it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
def test_who_is_interrupted_leaves_nothing_unknown_in_the_pool(
    engine: sa.Engine, other: Other, first: bool
) -> None:
    lost = next(keys)
    with (
        locked(other),
        psycopg.connect(other.info.dsn, autocommit=True) as third,
        engine.connect() as connection,
    ):
        number = backend(connection)
        if not first:
            connection.exec_driver_sql("SELECT 1")

        def interrupt() -> None:
            while not waiting(third, number):
                time.sleep(0.01)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            pay(connection, lost)
        thread.join()
        assert connection.invalidated
    with engine.connect() as connection:
        assert backend(connection) != number
        kept = pay(connection)
        connection.commit()
    assert recorded(other, kept)
    assert not recorded(other, lost)
    assert not waiting(other, number)


@pytest.mark.parametrize("statement", ["DISCARD ALL", "DEALLOCATE ALL", "DEALLOCATE ledger_move"])
def test_what_was_prepared_may_be_thrown_away(url: str, other: Other, statement: str) -> None:
    """Directly, that is: the driver does not survive all of this itself."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        keys_ = [pay(connection)]
        connection.commit()
        for _ in range(3):
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.autocommit = True
            with nullcontext() if statement.endswith("ALL") else suppress(psycopg.Error):
                raw.execute(statement)
            raw.autocommit = False
            keys_ += [pay(connection), pay(connection)]
            connection.commit()
            with connection.begin():
                connection.exec_driver_sql("SELECT 1")
                keys_.append(pay(connection))
                with suppress(sa.exc.DBAPIError), connection.begin_nested():
                    connection.exec_driver_sql(statement.replace("DISCARD", "DEALLOCATE"))
                keys_.append(pay(connection))
        # The driver has something prepared, and drops all of it after a ROLLBACK.
        for _ in range(12):
            connection.execute(sa.text("SELECT 1"))
        lost = pay(connection)
        connection.rollback()
        keys_.append(pay(connection))
        connection.commit()
    engine.dispose()
    assert all(recorded(other, key) for key in keys_)
    assert not recorded(other, lost)


def test_nothing_is_prepared_for_who_does_not_want_it(engines: Callable[..., sa.Engine]) -> None:
    engine = engines(connect_args={"prepare_threshold": None})
    with engine.connect() as connection:
        for _ in range(8):
            pay(connection)
            assert connection.exec_driver_sql("TABLE pg_prepared_statements").all() == []
            connection.rollback()


def test_a_name_that_somebody_else_prepared_is_theirs(engine: sa.Engine, other: Other) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("PREPARE ledger_move AS SELECT 'something else'")
        connection.commit()
        kept = pay(connection)
        connection.commit()
        assert recorded(other, kept)
        mine = connection.exec_driver_sql("EXECUTE ledger_move").scalar_one()
        assert mine == "something else"


def test_threads_have_each_a_connection(engine: sa.Engine, other: Other) -> None:
    mine: list[list[str]] = [[] for _ in range(4)]

    def work(own: list[str]) -> None:
        for _ in range(15):
            own.append(key := next(keys))
            retrying(engine, lambda book: book.transfer(A, B, 1, key=key))

    threads = [threading.Thread(target=work, args=(own,)) for own in mine]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(recorded(other, key) for own in mine for key in own)


def test_an_upgrade_while_connected_is_noticed(engine: sa.Engine, other: Other) -> None:
    with engine.connect() as connection:
        pay(connection)
        connection.commit()
        with engine.begin() as owner:
            schema.install(owner)
        kept = pay(connection)
        connection.commit()
    assert recorded(other, kept)
