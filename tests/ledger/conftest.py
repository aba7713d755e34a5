"""Fixtures for the ledger: an installed book on each database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Book, Override, Posting, schema, sqlite
from tests.databases import ENGINES, Databases, PostgresCluster
from tests.ledger.keys import new_key
from tests.lending import Lender

pytest.register_assert_rewrite("tests.ledger.bank")  # its assertions say what they compared

NOW = datetime(2025, 3, 10, 12, tzinfo=UTC)
OPENED = datetime(2024, 1, 1, tzinfo=UTC)  # long enough ago for postings that are dated back


def connect(url: str, **options: object) -> sa.Engine:
    """An engine as the ledger wants it."""
    engine = sa.create_engine(url, **options)
    if engine.dialect.name == "sqlite":
        sqlite.configure(engine)
    return engine


def in_the_past(bind: Session | sa.Connection) -> Book:
    """A book whose clock stands at `OPENED`, to open accounts that postings are dated back on."""
    return Book(bind, clock=lambda: OPENED)


def install(url: str) -> None:
    """Install a book in an empty database."""
    engine = connect(url)
    with engine.begin() as connection:
        schema.install(connection)
    engine.dispose()


@pytest.fixture(scope="session")
def lender(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Lender]:
    """Lends empty books, and engines on them."""
    lender = Lender(
        databases,
        lambda: request.getfixturevalue("postgres"),
        make=install,
        connect=connect,
        name="book",
    )
    yield lender
    lender.close()


@pytest.fixture(params=ENGINES)
def database_url(
    request: pytest.FixtureRequest, databases: Databases, lender: Lender
) -> Iterator[str]:
    """The address of a database: with an empty book for a test of ``engine``, else without one."""
    lent = "engine" in request.fixturenames
    with lender.lent(request.param) if lent else databases.fresh(request.param) as url:
        yield url


@pytest.fixture(scope="session")
def second_postgres(scratch: Path) -> Iterator[PostgresCluster]:
    """Another PostgreSQL server, fresh, which standbys can follow."""
    cluster = PostgresCluster(scratch / "second")
    yield cluster
    cluster.stop()


@pytest.fixture
def engine(database_url: str, lender: Lender) -> Iterator[sa.Engine]:
    """An engine on an empty book."""
    engine = lender.engine(database_url)
    yield engine
    pool = engine.pool
    assert isinstance(pool, sa.pool.QueuePool)
    left = pool.checkedout()
    if left:
        engine.dispose()
    assert left == 0, f"{left} connections were not given back"


@pytest.fixture
def connection(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection with a transaction that is rolled back in the end."""
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def opened() -> datetime:
    """When the accounts of `book` were opened."""
    return OPENED


@pytest.fixture
def book(connection: sa.Connection, opened: datetime) -> Book:
    """A book with two schools, a, b (floor −600), c (floor −60, ceiling 120) and a fund."""
    past = Book(connection, clock=lambda: opened)
    past.open_account("school:a", floor=-600, name="Ash", key=new_key())
    past.open_account("school:b", floor=-600, name="Beech", key=new_key())
    past.open_account("school:c", floor=-60, ceiling=120, name="Cedar", key=new_key())
    past.open_account("network:fund", floor=None, name="Fund", key=new_key())
    return Book(connection)


@pytest.fixture
def story(engine: sa.Engine) -> sa.Engine:
    """A committed book with a bit of everything."""
    with engine.begin() as connection:
        book, past = Book(connection, clock=lambda: NOW), in_the_past(connection)
        past.open_account("school:a", floor=-600, key=new_key())
        past.open_account("school:b", floor=-600, key=new_key())
        past.open_account("school:c", floor=-60, ceiling=120, key=new_key())
        past.open_account("network:fund", floor=None, key=new_key())
        first = book.transfer("school:a", "school:b", 60, key="t1")
        book.transfer("school:a", "school:b", 20, key="t2")
        book.reverse(first.id, key="r")
        book.post(
            [
                Posting("school:a", -30),
                Posting("school:b", 10),
                Posting("school:a", -5),
                Posting("network:fund", 25),
            ],
            key="p",
        )
        book.transfer("school:b", "network:fund", 5, key="back", effective=date(2025, 3, 1))
        open_ = book.hold("school:a", "school:b", 30, key="h1")
        book.settle(open_.id, 10, key="s1", final=False)
        book.settle(book.hold("school:a", "school:b", 30, key="h2").id, key="s2")
        book.void(book.hold("school:b", "network:fund", 15, key="h3").id, key="v3")
        expiring = book.hold(
            "network:fund", "school:c", 15, key="h4", expires_at=NOW + timedelta(hours=1)
        )
        book.extend(expiring.id, NOW + timedelta(hours=2), key="e4")
        book.transfer("network:fund", "school:c", 90, key="late")
    return engine


@pytest.fixture
def sealed(book: Book, connection: sa.Connection) -> dict[str, int]:
    """One of each kind of record, sealed in two seals; their numbers."""
    a, b, c = "school:a", "school:b", "school:c"
    numbers = {"post": book.transfer(a, b, 60, key="post", memo="First").id}
    numbers["hold"] = book.hold(a, b, 30, key="hold").id
    connection.commit()
    book.seal()
    numbers["settle"] = book.settle(numbers["hold"], 10, key="settle", final=False).id
    book.void(numbers["hold"], key="void")
    override = Override("ann", "a slip")
    numbers["reversal"] = book.reverse(numbers["post"], key="reversal", override=override).id
    three = [Posting(a, -3), Posting(b, 2), Posting(c, 1)]
    numbers["split"] = book.post(three, key="split").id
    connection.commit()
    book.seal()
    connection.commit()
    return numbers
