"""Fixtures for the ledger: an installed book on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from ledger import Book, schema, sqlite


def connect(url: str, **options: object) -> sa.Engine:
    """An engine as the ledger wants it."""
    engine = sa.create_engine(url, **options)
    if engine.dialect.name == "sqlite":
        sqlite.configure(engine)
    return engine


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """An engine on an empty book."""
    engine = connect(database_url)
    with engine.begin() as connection:
        schema.install(connection)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection with a transaction that is rolled back in the end."""
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def book(connection: sa.Connection) -> Book:
    """A book with two schools, a, b (floor −600), c (floor −60, ceiling 120) and a fund."""
    book = Book(connection)
    book.open_account("school:a", floor=-600, name="Ash")
    book.open_account("school:b", floor=-600, name="Beech")
    book.open_account("school:c", floor=-60, ceiling=120, name="Cedar")
    book.open_account("network:fund", floor=None, name="Fund")
    return book
