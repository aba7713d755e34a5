"""A connection on which the book would not be what it says is refused before it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from ledger import Book, NotConfigured, WrongVersion, schema
from tests.databases import PostgresCluster
from tests.ledger.conftest import in_the_past
from tests.ledger.keys import new_key

A, B = "school:a", "school:b"

USES: dict[str, Callable[[Book], object]] = {
    "a question": lambda book: book.balance(A),
    "a transfer": lambda book: book.transfer(A, B, 1, key=new_key()),
    "a hold": lambda book: book.hold(A, B, 1, key=new_key()),
    "an account": lambda book: book.freeze(A, key=new_key(), actor="Olu", memo="x"),
    "seals": lambda book: book.seals(),
    "a seal": lambda book: book.seal(),
    "verifying": lambda book: book.verify(),
}


def fill(connection: sa.Connection) -> None:
    for code in (A, B):
        in_the_past(connection).open_account(code, floor=None, key=new_key())


def refused(engine: sa.Engine, match: str) -> None:
    """Every use of a book on this engine is refused, and the refusal says why."""
    for use in USES.values():
        with engine.connect() as connection, pytest.raises(NotConfigured, match=match):
            use(Book(connection))
    engine.dispose()


@pytest.fixture(scope="module")
def url(postgres: PostgresCluster) -> Iterator[str]:
    """A database with a book in a schema of its own, and another schema."""
    with postgres.database() as url:
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE SCHEMA book")
            connection.exec_driver_sql("CREATE SCHEMA second")
            connection.exec_driver_sql("SET search_path = book")
            schema.install(connection)
            fill(connection)
        engine.dispose()
        yield url


def connect(url: str, options: str = "-c search_path=book", **more: object) -> sa.Engine:
    return sa.create_engine(url, connect_args={"options": options}, **more)


@pytest.mark.postgresql
def test_the_books_schema_is_the_first_of_the_search_path(url: str) -> None:
    engine = connect(url)
    with engine.begin() as connection:
        for use in USES.values():
            use(Book(connection))
        Book(connection).unfreeze(A, key=new_key(), actor="Olu", memo="back")
    engine.dispose()
    engine = connect(url, "-c search_path=book,public")
    with engine.connect() as connection:
        assert Book(connection).verify().faults == ()
    engine.dispose()
    refused(connect(url, "-c search_path=public,book"), "is the one of schema “book”")
    refused(connect(url, "-c search_path=second,book"), "put the book’s schema first")


@pytest.mark.postgresql
def test_where_no_schema_of_the_path_has_a_book_that_is_said(url: str) -> None:
    engine = connect(url, "-c search_path=second")
    with engine.connect() as connection, pytest.raises(WrongVersion, match="no book"):
        Book(connection).balance(A)
    engine.dispose()


@pytest.mark.postgresql
@pytest.mark.parametrize("table", ["ledger_transaction", "ledger_book"])
def test_a_temporary_table_in_front_of_the_books_is_noticed(url: str, table: str) -> None:
    engine = connect(url)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE TEMPORARY TABLE {table} (LIKE book.{table})")
        with pytest.raises(NotConfigured, match="pg_temp"):
            Book(connection).transfer(A, B, 1, key=new_key())
        connection.rollback()
    engine.dispose()


@pytest.mark.postgresql
def test_statements_that_commit_by_themselves_are_refused(url: str) -> None:
    refused(connect(url, isolation_level="AUTOCOMMIT"), "AUTOCOMMIT")
    engine = connect(url)
    with engine.connect() as connection:
        Book(connection).balance(A)  # looked at once, and all right then
    with (
        engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        pytest.raises(NotConfigured, match="AUTOCOMMIT"),
    ):
        Book(connection).transfer(A, B, 1, key=new_key())
    engine.dispose()


@pytest.mark.postgresql
@pytest.mark.parametrize("style", ["German", "SQL, DMY", "Postgres"])
def test_dates_are_written_as_iso_has_them(url: str, style: str) -> None:
    name = style.replace(" ", "\\ ")
    refused(connect(url, f"-c search_path=book -c DateStyle={name}"), "set DateStyle to ISO")


def test_a_schema_that_only_sqlalchemy_knows_of_is_refused(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        fill(connection)
        assert Book(connection).balance(A) == 0
    elsewhere = engine.execution_options(schema_translate_map={None: "second"})
    for use in USES.values():
        with elsewhere.connect() as connection, pytest.raises(NotConfigured, match="search_path"):
            use(Book(connection))


def test_a_connection_is_looked_at_once(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        fill(connection)
    engine.dispose()
    statements: list[str] = []
    sa.event.listen(
        engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2])
    )
    for _ in range(3):
        with engine.connect() as connection:
            Book(connection).balance(A)
            Book(connection).transfer(A, B, 1, key=new_key())
    assert len([one for one in statements if "ledger_book" in one]) in (2, 3)
