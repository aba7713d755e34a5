"""In a wholly sealed book, whichever value of whichever column is altered, verification says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from ledger import Book, Report, schema
from tests.databases import ENGINES, Databases
from tests.ledger import every_column
from tests.ledger.conftest import connect, install
from tests.ledger.every_column import altered
from tests.ledger.tampering import faults, tamper, transaction

EXCEPTIONS: dict[tuple[str, str], str] = {
    ("ledger_transaction.xid", "more"): "within the numbers of its seal",
    ("ledger_transaction.xid", "less"): "within the numbers of its seal",
    ("ledger_balance.recorded_at", "more"): "it may be that an expired hold was released",
    ("ledger_balance.recorded_at", "another row's"): "the same, where it is later",
}
"""What is not found in a sealed book, or not always, and why."""

ON: dict[str, dict[tuple[str, str], str]] = {
    "sqlite": {("ledger_transaction.xid", "unreadable"): "SQLite does not use it"},
    "postgresql": {
        ("ledger_book.server", "another text"): "a book that was restored; that is a remark",
    },
}
"""The same of one database alone."""

PRIMARY_KEYS_ALONE = {"ledger_book.id", "ledger_seal.number"}
"""Columns that PostgreSQL has no other value for while its constraints are there."""


@pytest.fixture(scope="module", params=ENGINES)
def written(request: pytest.FixtureRequest, databases: Databases) -> Iterator[sa.Engine]:
    """The book with all there is, sealed."""
    with databases.fresh(request.param, install) as url:
        engine = connect(url)
        every_column.write(engine)
        yield engine
        engine.dispose()


@pytest.fixture
def unchecked(written: sa.Engine) -> Iterator[sa.Connection]:
    """A connection to it on which SQLite checks no foreign key and no constraint."""
    with written.connect() as connection:
        if written.dialect.name == "sqlite":
            connection.rollback()
            raw: Any = connection.connection.dbapi_connection  # outside any transaction
            raw.execute("PRAGMA foreign_keys = OFF")
            raw.execute("PRAGMA ignore_check_constraints = ON")
        yield connection
        connection.rollback()
        connection.invalidate()


def verify(connection: sa.Connection) -> Report:
    return Book(connection).verify(thorough=True)


def test_the_book_is_sound_and_sealed_whole(unchecked: sa.Connection) -> None:
    report = verify(unchecked)
    assert report.faults == ()
    assert report.counts["transactions as they were sealed"] == report.counts["transactions"] > 30
    assert Book(unchecked).unsealed().transactions == 0


def test_whatever_is_altered_is_found(unchecked: sa.Connection) -> None:
    """Each way for each column on one row; on PostgreSQL, which is slower, one way has to do."""
    exceptions = EXCEPTIONS | ON[unchecked.dialect.name]
    all_ways = unchecked.dialect.name == "sqlite"
    tried: dict[str, set[str]] = defaultdict(set)
    not_found: dict[tuple[str, str], str] = {}
    for alteration in list(every_column.alterations(unchecked)):
        place, how = alteration.place, alteration.how
        if how in tried[place] or (
            tried[place] and not all_ways and (place, how) not in exceptions
        ):
            continue
        with altered(unchecked, alteration) as done:
            if done:
                tried[place].add(how)
                if verify(unchecked).sound:
                    not_found[place, how] = str(alteration)
    assert {kind: text for kind, text in not_found.items() if kind not in exceptions} == {}
    columns = {str(column) for table in schema.metadata.tables.values() for column in table.columns}
    untried = {column for column in columns if not tried[column]}
    assert untried <= (set() if all_ways else PRIMARY_KEYS_ALONE)
    # What is found after all is no exception any more.
    assert {kind for kind in exceptions if kind[1] != "unreadable"} <= set(not_found)


def test_what_cannot_be_read_is_a_fault_and_no_error(unchecked: sa.Connection) -> None:
    not_found = []
    for alteration in every_column.unreadable(unchecked):
        with altered(unchecked, alteration) as done:
            if done and verify(unchecked).sound:
                not_found.append((alteration.place, alteration.how))
    assert set(not_found) <= set(ON[unchecked.dialect.name])


def test_a_day_of_no_calendar_names_the_check(unchecked: sa.Connection) -> None:
    if unchecked.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has dates of its own")
    ends_on = next(
        alteration
        for alteration in every_column.unreadable(unchecked)
        if alteration.column is schema.period.c.ends_on
    )
    with altered(unchecked, ends_on):
        messages = {fault.subject: fault.message for fault in verify(unchecked).faults}
    assert "day is out of range for month" in messages["check verification.checkpoints.drifted"]


@pytest.mark.postgresql
def test_nothing_where_something_has_to_be_is_a_fault_and_no_error(
    unchecked: sa.Connection,
) -> None:
    if unchecked.dialect.name != "postgresql":
        pytest.skip("SQLite has to make a table anew for that")
    table = schema.transaction
    with every_column.unguarded(unchecked, table):
        unchecked.exec_driver_sql(f"ALTER TABLE {table} ALTER digest DROP NOT NULL")
        unchecked.execute(sa.update(table).where(table.c.id == 1).values(digest=None))
    assert {fault.kind: fault.subject for fault in verify(unchecked).faults} == {
        "guard-missing": "constraint not null of digest on ledger_transaction",
        "unreadable": "check seals.checks.SealCheck",
    }


@pytest.mark.parametrize("action", ["open", "close_period", "give"])
def test_what_is_called_a_transfer_cannot_hide(story: sa.Engine, action: str) -> None:
    checks = (
        "PRAGMA ignore_check_constraints = ON" if story.dialect.name == "sqlite" else "SELECT 1"
    )
    columns = "recorded_at, effective, digest, memo, actor, reference"
    tamper(
        story,
        checks,
        f"INSERT INTO ledger_transaction ({columns}, action, kind, key) SELECT {columns},"
        f" '{action}', 'transfer', 'hidden' FROM ledger_transaction WHERE key = 't1'",
    )
    kinds = {"open": "account", "close_period": "period", "give": "transaction"}
    assert faults(story) == {(f"altered-{kinds[action]}", "transaction hidden")}


@pytest.mark.postgresql
def test_a_number_that_the_server_has_not_come_to_is_found(story: sa.Engine) -> None:
    if story.dialect.name != "postgresql":
        pytest.skip("SQLite does not use it")
    with story.begin() as connection:
        Book(connection).seal()
    with story.begin() as connection:
        Book(connection).transfer("school:a", "school:b", 1, key="x")
    tamper(story, "UPDATE ledger_transaction SET xid = xid + 1000000 WHERE key = 'x'")
    assert faults(story) == {("altered-transaction", "transaction x")}


def test_a_total_between_two_accounts_is_recomputed(
    story: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.operations.bilateral.TAIL", 0)
    with story.begin() as connection:
        Book(connection).summarise()
    assert faults(story) == set()
    tamper(story, "UPDATE ledger_pair SET given = given + 1 WHERE account_id = 1 AND other_id = 2")
    assert faults(story) == {("drifted-pair", "account school:a, account school:b")}
    # Within a posting with two lines on the account, it would be added up twice.
    tamper(
        story,
        "UPDATE ledger_pair SET given = given - 1 WHERE account_id = 1 AND other_id = 2",
        "UPDATE ledger_pair_watermark SET version = (SELECT min(version) FROM ledger_entry"
        f" WHERE account_id = 1 AND transaction_id = {transaction('p')}) WHERE account_id = 1",
    )
    assert ("drifted-pair", "account school:a") in faults(story)
