"""What is in no seal is told: how much, since when, and what sealing waits for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

import ledger
from ledger import Book, Unsealed
from tests.databases import PostgresCluster
from tests.ledger.conftest import connect
from tests.ledger.keys import new_key

NUMBER = sa.text("SELECT pg_current_xact_id()")


@pytest.fixture
def posting(engine: sa.Engine) -> sa.Engine:
    with engine.begin() as connection:
        for code in "abcd":
            Book(connection).open_account(code, floor=None, key=new_key())
    seal(engine)
    return engine


@pytest.fixture
def on_postgresql(posting: sa.Engine) -> sa.Engine:
    if posting.dialect.name != "postgresql":
        pytest.skip("on SQLite one transaction writes at a time")
    return posting


@pytest.fixture
def elsewhere(postgres: PostgresCluster) -> Iterator[sa.Connection]:
    """A connection to another database of the same server."""
    with postgres.database(name="elsewhere") as url:
        engine = connect(url)
        with engine.connect() as connection:
            yield connection
        engine.dispose()


def seal(engine: sa.Engine) -> list[ledger.Seal]:
    with engine.begin() as connection:
        return Book(connection).seal()


def transfer(engine: sa.Engine, key: str) -> datetime:
    with engine.begin() as connection:
        return Book(connection).transfer("a", "b", 1, key=key).recorded


def unsealed(engine: sa.Engine) -> Unsealed:
    with engine.connect() as connection:
        return Book(connection).unsealed()


def test_what_is_in_no_seal_is_counted_and_dated(posting: sa.Engine) -> None:
    assert unsealed(posting) == Unsealed(transactions=0, oldest=None)
    first = transfer(posting, "1")
    transfer(posting, "2")
    assert unsealed(posting) == Unsealed(transactions=2, oldest=first)
    seal(posting)
    assert unsealed(posting) == Unsealed(transactions=0, oldest=None)
    last = transfer(posting, "3")
    assert unsealed(posting) == Unsealed(transactions=1, oldest=last)


@pytest.mark.postgresql
def test_a_transaction_in_another_database_that_holds_seals_up_is_named(
    on_postgresql: sa.Engine, elsewhere: sa.Connection
) -> None:
    engine = on_postgresql
    elsewhere.execute(NUMBER)
    pid = elsewhere.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
    oldest = transfer(engine, "1")
    assert seal(engine) == []
    backlog = unsealed(engine)
    assert (backlog.transactions, backlog.oldest) == (1, oldest)
    blocker = backlog.held_up_by
    assert blocker is not None
    assert (blocker.database, blocker.pid, blocker.prepared) == ("elsewhere", pid, None)
    assert blocker.role == elsewhere.execute(sa.text("SELECT current_user")).scalar_one()
    assert blocker.since is not None
    assert timedelta(0) < oldest - blocker.since < timedelta(minutes=1)
    with engine.connect() as connection:
        assert Book(connection).verify().sound
    elsewhere.rollback()
    assert unsealed(engine).held_up_by is None
    assert len(seal(engine)) == 1
    assert unsealed(engine) == Unsealed(transactions=0, oldest=None)


@pytest.mark.postgresql
def test_a_prepared_transaction_that_was_forgotten_is_named(
    on_postgresql: sa.Engine, elsewhere: sa.Connection, postgres: PostgresCluster
) -> None:
    engine = on_postgresql
    elsewhere.execute(NUMBER)
    elsewhere.exec_driver_sql("CREATE TABLE forgotten ()")
    elsewhere.exec_driver_sql("PREPARE TRANSACTION 'forgotten'")
    try:
        transfer(engine, "1")
        assert seal(engine) == []
        blocker = unsealed(engine).held_up_by
        with engine.connect() as connection:
            assert Book(connection).settled_until() is not None  # it cannot write to this book
    finally:
        elsewhere.rollback()
        options = elsewhere.execution_options(isolation_level="AUTOCOMMIT")
        options.exec_driver_sql("ROLLBACK PREPARED 'forgotten'")
    assert blocker is not None
    assert (blocker.database, blocker.pid, blocker.prepared) == ("elsewhere", None, "forgotten")
    assert blocker.since is not None
    assert len(seal(engine)) == 1


@pytest.mark.postgresql
def test_as_of_answers_wait_for_a_prepared_posting(on_postgresql: sa.Engine) -> None:
    engine = on_postgresql
    with engine.connect() as asking, engine.connect() as writer:
        Book(writer).transfer("a", "b", 1, key="1")
        writer.exec_driver_sql("PREPARE TRANSACTION 'posting'")
        writer.rollback()
        try:
            assert Book(asking).settled_until() is None
        finally:
            options = writer.execution_options(isolation_level="AUTOCOMMIT")
            options.exec_driver_sql("COMMIT PREPARED 'posting'")
        assert Book(asking).settled_until() is not None
        assert Book(asking).balance("b") == 1


@pytest.mark.postgresql
def test_a_role_that_sees_little_is_told_where_and_whose(
    on_postgresql: sa.Engine, elsewhere: sa.Connection, postgres: PostgresCluster
) -> None:
    engine = on_postgresql
    elsewhere.execute(NUMBER)
    transfer(engine, "1")
    postgres.execute("CREATE ROLE blind")
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(ledger.roles_sql("blind"))
            connection.exec_driver_sql("SET LOCAL ROLE blind")
            blocker = Book(connection).unsealed().held_up_by
            connection.exec_driver_sql("RESET ROLE")
            connection.exec_driver_sql("DROP OWNED BY blind")
    finally:
        postgres.execute("DROP ROLE blind")
    assert blocker is not None
    assert (blocker.database, blocker.since) == ("elsewhere", None)
    elsewhere.rollback()


@pytest.mark.postgresql
def test_ones_own_transaction_and_a_younger_one_hold_nothing_up(
    on_postgresql: sa.Engine, elsewhere: sa.Connection
) -> None:
    engine = on_postgresql
    transfer(engine, "1")
    elsewhere.execute(NUMBER)
    assert unsealed(engine).held_up_by is None
    elsewhere.rollback()
    with engine.connect() as own:
        Book(own).transfer("a", "b", 1, key="own")
        backlog = Book(own).unsealed()
        assert (backlog.transactions, backlog.held_up_by) == (2, None)
