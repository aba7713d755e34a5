"""Closing periods: what is closed stays as it was, whoever writes, and however many at once."""

from __future__ import annotations

import random
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from typing import Any

import pytest
import sqlalchemy as sa

import ledger
from ledger import Book, NewTransaction, Posting
from ledger.clock import day_of
from ledger.operations import periods
from ledger.verification.checkpoints import drifted
from tests.ledger.conftest import connect, in_the_past
from tests.ledger.keys import new_key
from tests.ledger.test_attacks import (
    CHANGED,
    HEADER,
    NIGHTS,
    accepted,
    entry,
    header,
    refused,
    together,
)

A, B = "school:a", "school:b"
TODAY = day_of(datetime.now(UTC))
YESTERDAY, EARLIER = TODAY - timedelta(days=1), TODAY - timedelta(days=40)


def checkpoints(connection: sa.Connection, ends_on: date) -> dict[str, int]:
    account, checkpoint = ledger.schema.account, ledger.schema.checkpoint
    rows = connection.execute(
        sa.select(account.c.code, checkpoint.c.balance)
        .join(checkpoint, checkpoint.c.account_id == account.c.id)
        .where(checkpoint.c.ends_on == ends_on)
    )
    return {row.code: row.balance for row in rows}


def test_closing_records_every_balance_by_effective_date(
    book: Book, connection: sa.Connection
) -> None:
    book.transfer(A, B, 10, key="1", effective=EARLIER - timedelta(days=2))
    book.transfer(A, B, 20, key="2", effective=EARLIER)
    book.transfer(A, B, 40, key="3", effective=YESTERDAY)
    book.transfer(A, B, 80, key="4")
    first = book.close_period(EARLIER, actor="Ann", key=new_key())
    second = book.close_period(YESTERDAY, actor="Bob", key=new_key())
    assert book.periods() == [first, second]
    assert (first.ends_on, first.actor) == (EARLIER, "Ann")
    assert checkpoints(connection, EARLIER) == {
        A: -30,
        B: 30,
        "school:c": 0,
        "network:fund": 0,
    }
    assert checkpoints(connection, YESTERDAY)[A] == -70
    book.transfer(B, A, 5, key="5")
    book.open_account("school:d", floor=None, key=new_key())
    for period in (EARLIER, YESTERDAY):
        for code, balance in checkpoints(connection, period).items():
            assert book.balance(code, effective=period) == balance
    assert list(drifted(connection)) == []


def test_only_a_day_that_is_over_is_closed_and_only_once(
    book: Book, connection: sa.Connection
) -> None:
    for day in (TODAY, TODAY + timedelta(days=1), datetime.now(UTC), None):
        with pytest.raises(ledger.InvalidDate):
            book.close_period(day, actor="Ann", key=new_key())
    with pytest.raises(ledger.InvalidText):
        book.close_period(YESTERDAY, actor=" ", key=new_key())
    book.close_period(EARLIER, actor="Ann", key=new_key())
    for day in (EARLIER, EARLIER - timedelta(days=1)):
        with pytest.raises(ledger.InvalidDate):
            book.close_period(day, actor="Ann", key=new_key())
    assert [period.ends_on for period in book.periods()] == [EARLIER]


def test_no_verb_posts_into_a_closed_period(book: Book, connection: sa.Connection) -> None:
    posted = book.transfer(A, B, 1, key="1", effective=YESTERDAY)
    hold = book.hold(A, B, 5, key="2")
    book.close_period(YESTERDAY, actor="Ann", key=new_key())
    lines = [Posting(A, -1), Posting(B, 1)]
    for attempt in (
        lambda: book.transfer(A, B, 1, key="x", effective=YESTERDAY),
        lambda: book.post([Posting(A, 1), Posting(B, -1)], key="x", effective=EARLIER),
        lambda: book.settle(hold.id, key="x", effective=YESTERDAY),
        lambda: book.hold(A, B, 1, key="x", effective=YESTERDAY),
        lambda: book.post_many([NewTransaction(postings=lines, key="x", effective=EARLIER)]),
        lambda: book.post_many(
            [NewTransaction(postings=lines, key="x", effective=EARLIER)], atomic=False
        ),
    ):
        try:
            answer = attempt()
        except ledger.LedgerError as error:
            answer = [error.cause if isinstance(error, ledger.BatchRefused) else error]
        assert isinstance(answer[0], ledger.PeriodClosed)
        assert answer[0].closed_through == YESTERDAY
    assert book.reverse(posted.id, key="r").effective == TODAY
    assert book.settle(hold.id, key="x").effective == TODAY
    assert list(drifted(connection)) == []


def test_what_is_replayed_is_replayed_after_the_close_too(book: Book) -> None:
    first = book.transfer(A, B, 1, key="1", effective=YESTERDAY)
    book.close_period(YESTERDAY, actor="Ann", key=new_key())
    again = book.transfer(A, B, 1, key="1", effective=YESTERDAY)
    assert (again.id, again.replayed) == (first.id, True)


def test_a_clock_in_the_past_does_not_get_behind_a_close(
    book: Book, connection: sa.Connection
) -> None:
    closed = book.close_period(YESTERDAY, actor="Ann", key=new_key())
    long_ago = datetime.now(UTC) - timedelta(days=100)
    past = Book(connection, clock=lambda: long_ago)
    past.open_account("school:x", floor=None, key=new_key())
    past.open_account("school:y", floor=None, key=new_key())
    for source, target in ((A, B), ("school:x", "school:y")):
        posted = past.transfer(source, target, 1, key=f"{source}:late")
        assert posted.recorded > closed.closed_at
        assert posted.effective == TODAY
    with pytest.raises(ledger.PeriodClosed):
        past.transfer("school:x", "school:y", 1, key="z", effective=YESTERDAY)
    assert list(drifted(connection)) == []


def test_periods_can_be_closed_along_an_imported_past(connection: sa.Connection) -> None:
    def at(day: date) -> Book:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        return Book(connection, clock=lambda: noon)

    at(date(2026, 1, 5)).open_account(A, floor=None, key=new_key())
    at(date(2026, 1, 5)).open_account(B, floor=None, key=new_key())
    at(date(2026, 1, 20)).transfer(A, B, 1, key="1")
    with pytest.raises(ledger.InvalidDate):
        at(date(2026, 1, 20)).close_period(date(2026, 1, 31), actor="Ann", key=new_key())
    closed = at(date(2026, 2, 1)).close_period(date(2026, 1, 31), actor="Ann", key=new_key())
    assert closed.closed_at == datetime(2026, 2, 1, 12, tzinfo=UTC)
    at(date(2026, 2, 20)).transfer(A, B, 2, key="2")
    with pytest.raises(ledger.PeriodClosed):
        at(date(2026, 2, 20)).transfer(A, B, 2, key="3", effective=date(2026, 1, 31))
    at(date(2026, 3, 1)).close_period(date(2026, 2, 28), actor="Ann", key=new_key())
    assert checkpoints(connection, date(2026, 1, 31))[B] == 1
    assert checkpoints(connection, date(2026, 2, 28))[B] == 3


def test_raw_sql_can_neither_undo_nor_bend_a_close(book: Book, connection: sa.Connection) -> None:
    book.transfer(A, B, 60, key="t", effective=YESTERDAY)
    book.close_period(EARLIER, actor="Ann", key=new_key())
    connection.commit()
    for table in ("period", "checkpoint"):
        refused(connection, f"DELETE FROM ledger_{table}", by=CHANGED)
        column = "closed_at" if table == "period" else "balance"
        refused(connection, f"UPDATE ledger_{table} SET {column} = {column}", by=CHANGED)
    close = (
        "INSERT INTO ledger_period (ends_on, closed_at, transaction_id)"
        " SELECT '{}', recorded_at, id FROM ledger_transaction WHERE key = 't'"
    )
    for day in (TODAY, EARLIER, EARLIER - timedelta(days=1), TODAY + timedelta(days=1)):
        refused(connection, close.format(day), by="a period cannot be closed")
    into = header("x", effective=f"'{EARLIER}'")
    by = "is effective in a closed period", "effective date in the future or in a closed period"
    refused(connection, into, entry("x", "a", -5, 1), entry("x", "b", 5, 2), by=by)
    past = "1000000" if connection.dialect.name == "sqlite" else "'1970-01-01 00:00:01+00'"
    behind = (
        f"{HEADER} SELECT {past}, '1970-01-01', 2, 'post', 'x', 'x', digest, '', '', '', NULL,"
        " NULL, NULL FROM ledger_transaction WHERE key = 't'"
    )
    refused(connection, behind, entry("x", "a", -5, 1), entry("x", "b", 5, 2), by=by)
    if connection.dialect.name == "postgresql":
        for table in ("period", "checkpoint"):
            refused(connection, f"TRUNCATE ledger_{table} CASCADE", by=CHANGED)


def test_a_checkpoint_that_no_longer_agrees_is_named(book: Book, connection: sa.Connection) -> None:
    book.transfer(A, B, 60, key="1", effective=EARLIER)
    book.close_period(EARLIER, actor="Ann", key=new_key())
    book.close_period(YESTERDAY, actor="Ann", key=new_key())
    connection.commit()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DROP TRIGGER ledger_checkpoint_no_update")
    else:
        connection.exec_driver_sql("ALTER TABLE ledger_checkpoint DISABLE TRIGGER ALL")
    connection.exec_driver_sql(
        f"UPDATE ledger_checkpoint SET balance = 61 WHERE ends_on = '{EARLIER}' AND balance = 60"
    )
    faults = list(drifted(connection))
    assert {(fault.kind, fault.subject) for fault in faults} == {
        ("drifted-checkpoint", f"checkpoint {EARLIER}, account {B}")
    }


def test_what_is_slipped_into_a_closed_period_is_named(
    book: Book, connection: sa.Connection
) -> None:
    book.transfer(A, B, 60, key="1")
    book.close_period(YESTERDAY, actor="Ann", key=new_key())
    connection.commit()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DROP TRIGGER ledger_transaction_no_update")
    else:
        connection.exec_driver_sql("ALTER TABLE ledger_transaction DISABLE TRIGGER ALL")
    connection.exec_driver_sql(f"UPDATE ledger_transaction SET effective = '{YESTERDAY}'")
    subjects = {fault.subject for fault in drifted(connection)}
    assert subjects == {f"checkpoint {YESTERDAY}, account {code}" for code in (A, B)}


def date_back(
    url: str, codes: list[str], days: list[date], closed: Any, posted: Any, seed: int
) -> tuple[int, int]:
    """Date back without pause until told that all is closed; says how often, and how often not."""
    chance, done, closed_off = random.Random(seed), 0, 0
    own = connect(url)
    number = 0
    while not closed.is_set() or number < 20:
        number += 1
        with own.connect() as connection:
            book = Book(connection)
            for leg in range(chance.choice((1, 1, 2))):
                one, two = sorted(chance.sample(codes, 2)) if leg == 0 else (codes[4], codes[5])
                try:
                    key = f"{seed}:{number}:{leg}"
                    book.transfer(one, two, 1, key=key, effective=chance.choice(days))
                    done += 1
                except ledger.PeriodClosed:
                    closed_off += 1
                except sa.exc.OperationalError:
                    break  # two transactions of two postings each can still cross
            else:
                connection.commit()
                posted.release()
    own.dispose()
    return done, closed_off


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_nothing_lands_in_a_period_after_its_close_however_many_post(
    engine: sa.Engine, database_url: str, kind: str
) -> None:
    """Four date back without pause while one closes day after day."""
    codes = [f"school:{name}" for name in "abcdef"]
    with engine.begin() as connection:
        for code in codes:
            in_the_past(connection).open_account(code, floor=None, key=new_key())
    days = [TODAY - timedelta(days=back) for back in range(8, 0, -1)]
    spawn = get_context("spawn")
    workers: Executor = (
        ThreadPoolExecutor(4) if kind == "threads" else ProcessPoolExecutor(4, mp_context=spawn)
    )
    with spawn.Manager() as manager, workers as pool:
        closed, posted = manager.Event(), manager.Semaphore(0)
        posters = [
            pool.submit(date_back, database_url, codes, days, closed, posted, seed)
            for seed in range(4)
        ]
        states = []
        try:
            for day in days:
                for _ in range(3):
                    assert posted.acquire(timeout=20)
                with engine.begin() as connection:
                    Book(connection).close_period(day, actor="Ann", key=new_key())
                with engine.connect() as connection:
                    states.append((day, checkpoints(connection, day)))
        finally:
            closed.set()
        results = [poster.result() for poster in posters]
    assert all(map(sum, zip(*results, strict=True)))
    with engine.connect() as connection:
        assert list(drifted(connection)) == []
        for day, state in states:
            for code, balance in state.items():
                assert Book(connection).balance(code, effective=day) == balance


def test_no_period_is_closed_at_an_earlier_instant_than_the_one_before(
    book: Book, connection: sa.Connection
) -> None:
    book.close_period(EARLIER, actor="Ann", key=new_key())
    connection.commit()
    by = "a period cannot be closed"
    sooner = (
        "closed_at - 1" if connection.dialect.name == "sqlite" else "closed_at - interval '1us'"
    )
    for day, instant in ((YESTERDAY, sooner), (EARLIER, "closed_at")):
        refused(connection, next_period(day, instant), by=by)
    connection.exec_driver_sql(next_period(YESTERDAY, "closed_at"))  # it is the instant alone
    connection.rollback()


@pytest.mark.parametrize(("instant", "day"), NIGHTS)
def test_a_day_is_over_when_it_is_in_london(
    book: Book, connection: sa.Connection, instant: datetime, day: date
) -> None:
    book.transfer(A, B, 1, key="t")
    connection.commit()
    on_sqlite = connection.dialect.name == "sqlite"
    at = str(int(instant.timestamp()) * 1_000_000) if on_sqlite else f"'{instant.isoformat()}'"
    close = (
        "INSERT INTO ledger_period (ends_on, closed_at, transaction_id)"
        f" SELECT '{{}}', {at}, id FROM ledger_transaction WHERE key = 't'"
    )
    refused(connection, close.format(day), by="a period cannot be closed")
    accepted(connection, close.format(day - timedelta(days=1)))


def next_period(day: date, instant: str) -> str:
    """The SQL that closes a period like the one before, through a day and at an instant."""
    return (
        "INSERT INTO ledger_period (ends_on, closed_at, transaction_id)"
        f" SELECT '{day}', {instant}, (SELECT min(id) FROM ledger_transaction) FROM ledger_period"
    )


@pytest.mark.postgresql
def test_a_raw_writer_waits_for_a_close_under_way(engine: sa.Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("on SQLite one transaction writes at a time")
    with engine.begin() as connection:
        for code in (A, B):
            in_the_past(connection).open_account(code, floor=None, key=new_key())
        Book(connection).transfer(A, B, 1, key="t")
    back = header("x", effective=f"'{YESTERDAY}'"), entry("x", "a", -5, 1), entry("x", "b", 5, 2)

    def write() -> None:
        with engine.begin() as connection:
            for statement in together(connection, *back):
                connection.exec_driver_sql(statement)

    with engine.connect() as closer, engine.connect() as watch, ThreadPoolExecutor(1) as pool:
        Book(closer).close_period(YESTERDAY, actor="Ann", key=new_key())
        writing = pool.submit(write)
        waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while not (waits := watch.execute(waiting).scalar()) and not writing.done():
            watch.rollback()
        closer.commit()
        with pytest.raises(sa.exc.IntegrityError, match="is effective in a closed period"):
            writing.result()
        assert waits
    with engine.connect() as connection:
        assert list(drifted(connection)) == []


@pytest.mark.postgresql
def test_a_close_waits_for_who_has_posted_into_the_past_and_lets_them_post_on(
    engine: sa.Engine,
) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("on SQLite one transaction writes at a time")
    with engine.begin() as connection:
        for code in (A, B, "school:c"):
            in_the_past(connection).open_account(code, floor=None, key=new_key())

    def close() -> None:
        with engine.begin() as connection:
            Book(connection).close_period(YESTERDAY, actor="Ann", key=new_key())

    with engine.connect() as early, engine.connect() as watch, ThreadPoolExecutor(1) as pool:
        Book(early).transfer(A, B, 1, key="1", effective=YESTERDAY)
        closing = pool.submit(close)
        waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while not watch.execute(waiting).scalar():
            watch.rollback()
        Book(early).transfer(B, "school:c", 1, key="2", effective=YESTERDAY)
        assert not closing.done()
        early.commit()
        closing.result()
    with engine.connect() as connection:
        assert checkpoints(connection, YESTERDAY)["school:c"] == 1
        assert list(drifted(connection)) == []


@pytest.mark.postgresql
def test_a_close_that_waits_lets_everybody_else_post(engine: sa.Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("on SQLite one transaction writes at a time")
    with engine.begin() as connection:
        for code in (A, B, "school:c", "school:d"):
            in_the_past(connection).open_account(code, floor=None, key=new_key())

    def close() -> None:
        with engine.begin() as connection:
            Book(connection).close_period(YESTERDAY, actor="Ann", key=new_key())

    with engine.connect() as idle, engine.connect() as other, ThreadPoolExecutor(1) as pool:
        Book(idle).transfer(A, B, 1, key="idle", effective=YESTERDAY)
        closing = pool.submit(close)
        waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while not other.execute(waiting).scalar():
            other.rollback()
        other.execute(sa.text("SET lock_timeout = '2s'"))
        Book(other).transfer("school:c", "school:d", 1, key="other")
        Book(other).hold("school:d", "school:c", 1, key="held")
        other.commit()
        assert not closing.done()
        idle.rollback()
        closing.result()


@pytest.mark.postgresql
def test_who_posts_today_keeps_no_close_waiting(engine: sa.Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("on SQLite one transaction writes at a time")
    with engine.begin() as connection:
        for code in (A, B):
            in_the_past(connection).open_account(code, floor=None, key=new_key())
    with engine.connect() as idle, engine.begin() as connection:
        Book(idle).transfer(A, B, 1, key="today")
        connection.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
        Book(connection).close_period(YESTERDAY, actor="Ann", key=new_key())
        idle.commit()


@pytest.mark.postgresql
def test_a_close_waits_for_who_began_before_the_period_was_over(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was recorded just before midnight may commit after it."""
    if engine.dialect.name != "postgresql":
        pytest.skip("on SQLite one transaction writes at a time")
    with engine.begin() as connection:
        for code in (A, B):
            in_the_past(connection).open_account(code, floor=None, key=new_key())
    with engine.connect() as early, engine.connect() as closer:
        Book(early).transfer(A, B, 1, key="1")
        # As if the day had been over since: no one can wait for midnight here.
        over = datetime.now(UTC) + timedelta(milliseconds=1)
        monkeypatch.setattr(periods, "end_of", lambda day: over)
        monkeypatch.setattr(periods, "PATIENCE", timedelta(milliseconds=200))
        with pytest.raises(ledger.StillPosting) as refused:
            Book(closer).close_period(YESTERDAY, actor="Ann", key="close")
        assert refused.value.end == over
        early.commit()
        Book(closer).close_period(YESTERDAY, actor="Ann", key="close")
        closer.commit()


@pytest.mark.postgresql
def test_a_period_is_closed_where_what_was_posted_meanwhile_is_seen(engine: sa.Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("on SQLite one transaction writes at a time")
    with (
        engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection,
        pytest.raises(ledger.NotConfigured, match="READ COMMITTED"),
    ):
        Book(connection).close_period(YESTERDAY, actor="Ann", key="close")


@pytest.mark.postgresql
def test_a_snapshot_older_than_the_close_does_not_post_past_it(engine: sa.Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("on SQLite one transaction writes at a time")
    with engine.begin() as connection:
        for code in (A, B):
            in_the_past(connection).open_account(code, floor=None, key=new_key())
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as early:
        assert Book(early).balance(A) == 0
        with engine.begin() as connection:
            Book(connection).close_period(YESTERDAY, actor="Ann", key=new_key())
        with pytest.raises(sa.exc.OperationalError, match="could not serialize"):
            Book(early).transfer(A, B, 1, key="1", effective=YESTERDAY)
