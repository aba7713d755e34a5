"""A database that anything was committed to is never lent again, and one lent again is like new."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
import pytest
import sqlalchemy as sa

from tests.databases import ENGINES, Databases, PostgresCluster
from tests.lending import Lender

Lend = Callable[[], AbstractContextManager[sa.Engine]]


def make(url: str) -> None:
    """Make a table whose rows are numbered."""
    engine = sa.create_engine(url)
    numbered = sa.MetaData()
    sa.Table("thing", numbered, sa.Column("id", sa.Integer, primary_key=True))
    numbered.create_all(engine)
    engine.dispose()


ADD = sa.text("INSERT INTO thing DEFAULT VALUES RETURNING id")
COUNT = sa.text("SELECT count(*) FROM thing")

_numbers = itertools.count(1)


def lend_of(
    kind: str, databases: Databases, cluster: Callable[[], PostgresCluster]
) -> Iterator[Lend]:
    lender = Lender(databases, cluster, make, sa.create_engine, name=f"things_{next(_numbers)}")

    @contextmanager
    def lend() -> Iterator[sa.Engine]:
        with lender.lent(kind) as url:
            yield lender.engine(url)

    yield lend
    lender.close()


@pytest.fixture(params=ENGINES)
def lend(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Lend]:
    """Lends a database with an empty table."""
    yield from lend_of(request.param, databases, lambda: request.getfixturevalue("postgres"))


@pytest.fixture
def lend_on_postgresql(databases: Databases, postgres: PostgresCluster) -> Iterator[Lend]:
    """Lends a database with an empty table, on PostgreSQL."""
    yield from lend_of("postgresql", databases, lambda: postgres)


def commit(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(ADD)


def commit_in_a_savepoint(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        with connection.begin_nested():
            connection.execute(ADD)
        connection.commit()


def commit_by_another_engine(engine: sa.Engine) -> None:
    own = sa.create_engine(engine.url)
    commit(own)
    own.dispose()


def commit_after_one_that_was_rolled_back(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        connection.execute(ADD)
        connection.rollback()
        connection.execute(ADD)
        connection.commit()
        connection.execute(ADD)


@pytest.mark.parametrize(
    "change",
    [
        commit,
        commit_in_a_savepoint,
        commit_by_another_engine,
        commit_after_one_that_was_rolled_back,
    ],
)
def test_what_was_committed_is_not_there_for_the_next(
    lend: Lend, change: Callable[[sa.Engine], None]
) -> None:
    with lend() as engine:
        change(engine)
        with engine.connect() as connection:
            assert connection.scalar(COUNT) == 1
    with lend() as engine, engine.connect() as connection:
        assert connection.scalar(COUNT) == 0
        assert connection.scalar(ADD) == 1


def test_a_table_made_or_emptied_is_as_it_was_for_the_next(lend: Lend) -> None:
    with lend() as engine, engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE another (id integer)")
        connection.exec_driver_sql("DROP TABLE thing")
    with lend() as engine:
        assert sa.inspect(engine).get_table_names() == ["thing"]


def number_of(connection: sa.Connection) -> tuple[int, int]:
    """The numbers of the database and of the process that answers."""
    row = connection.exec_driver_sql(
        "SELECT CAST(oid AS bigint), pg_backend_pid() FROM pg_database"
        " WHERE datname = current_database()"
    ).one()
    return row[0], row[1]


def test_where_nothing_was_committed_the_next_gets_the_same_as_if_it_was_new(
    lend_on_postgresql: Lend,
) -> None:
    with lend_on_postgresql() as engine, engine.connect() as connection:
        before = number_of(connection)
        with connection.begin_nested():
            connection.execute(ADD)
        connection.execute(ADD)
        connection.exec_driver_sql("SELECT pg_advisory_lock(1)")
        connection.exec_driver_sql("CREATE TABLE another (id integer)")
        connection.rollback()
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        raw.autocommit = True
        raw.execute("SET search_path TO nowhere")
        raw.autocommit = False
        connection.info["remembered"] = True
    with lend_on_postgresql() as engine, engine.connect() as connection:
        assert number_of(connection) == before
        assert not connection.info
        assert connection.scalar(COUNT) == 0
        assert connection.scalar(ADD) == 1
        assert connection.scalar(sa.text("SELECT count(*) FROM pg_locks WHERE objid = 1")) == 0
        assert sa.inspect(connection).get_table_names() == ["thing"]


def test_what_may_still_be_committed_is_not_there_for_the_next(lend_on_postgresql: Lend) -> None:
    with lend_on_postgresql() as engine:
        late = psycopg.connect(engine.url.render_as_string(False).replace("+psycopg", ""))
        late.execute("INSERT INTO thing DEFAULT VALUES")
    with pytest.raises(psycopg.OperationalError):
        late.commit()
    late.close()
    with lend_on_postgresql() as engine, engine.connect() as connection:
        assert connection.scalar(COUNT) == 0


def test_who_listened_to_an_engine_hears_nothing_of_the_next(lend: Lend) -> None:
    heard: list[str] = []
    with lend() as engine:
        sa.event.listen(engine, "before_cursor_execute", lambda *call: heard.append(call[2]))
        with engine.connect() as connection:
            connection.scalar(COUNT)
    assert len(heard) == 1
    with lend() as engine, engine.connect() as connection:
        connection.scalar(COUNT)
    assert len(heard) == 1
