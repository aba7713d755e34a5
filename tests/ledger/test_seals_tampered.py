"""Whatever is altered of what was sealed is refused; where guards were off, it is named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

import ledger
from ledger import Book, schema
from tests.ledger.test_attacks import CHANGED, REPLACED, refused
from tests.ledger.test_sealing import faults

A, B, C = "school:a", "school:b", "school:c"
FOLLOWS = r"seal \d*\s?(does not follow|follows) on the one before"


def test_raw_sql_cannot_change_a_seal(connection: sa.Connection, sealed: dict[str, int]) -> None:
    for table, column in (("seal", "size"), ("seal_leaf", "position")):
        refused(connection, f"UPDATE ledger_{table} SET {column} = {column}", by=CHANGED)
        refused(connection, f"DELETE FROM ledger_{table}", by=CHANGED)
        if connection.dialect.name == "postgresql":
            refused(connection, f"TRUNCATE ledger_{table} CASCADE", by=CHANGED)
        else:
            again = f"INSERT OR REPLACE INTO ledger_{table} SELECT * FROM ledger_{table}"
            refused(connection, again, by=FOLLOWS if table == "seal" else REPLACED)
    columns = "previous, size, root, horizon, sealed_at"
    other = "zeroblob(32)" if connection.dialect.name == "sqlite" else "'x'"
    for number in (2, 3, 4):
        refused(
            connection,
            f"INSERT INTO ledger_seal (number, {columns}, hash)"
            f" SELECT {number}, {columns}, {other} FROM ledger_seal WHERE number = 2",
            by=FOLLOWS,
        )


def disable(connection: sa.Connection, *tables: str) -> None:
    """Switch the guards of tables off, as only their owner can."""
    if connection.dialect.name == "sqlite":
        for name in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger_%'"
        ).scalars():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        return
    for table in tables:
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")


@pytest.fixture
def unguarded(engine: sa.Engine, sealed: dict[str, int]) -> Iterator[sa.Connection]:
    """A connection on which everything can be changed."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.rollback()
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys = OFF")
        disable(connection, *schema.metadata.tables)
        yield connection


TAMPERINGS: list[tuple[str, set[str]]] = [
    ("UPDATE ledger_transaction SET memo = 'Other' WHERE id = {post}", {"altered {post}"}),
    (
        "UPDATE ledger_transaction SET effective = '2020-01-01' WHERE id = {split}",
        {"altered {split}"},
    ),
    (
        "UPDATE ledger_entry SET amount = -6 WHERE transaction_id = {post} AND line = 1",
        {"altered {post}"},
    ),
    ("UPDATE ledger_hold SET minutes = 31 WHERE id = {hold}", {"altered {hold}"}),
    (
        "UPDATE ledger_hold_part SET settled = 11 WHERE transaction_id = {settle}",
        {"altered {settle}"},
    ),
    ("DELETE FROM ledger_transaction WHERE id = {reversal}", {"altered {reversal}"}),
    (
        "DELETE FROM ledger_entry WHERE transaction_id = {split} AND line = 3",
        {"altered {split}"},
    ),
    (
        "UPDATE ledger_seal_leaf SET hash = (SELECT hash FROM ledger_seal WHERE number = 1)"
        " WHERE transaction_id = {post}",
        {"altered {post}", "broken 1"},
    ),
    (
        "DELETE FROM ledger_seal_leaf WHERE transaction_id = {post}",
        {"unsealed {post}", "broken 1"},
    ),
    ("UPDATE ledger_seal SET size = 3 WHERE number = 1", {"broken 1"}),
    ("UPDATE ledger_seal SET horizon = 1 WHERE number = 1", {"broken 1"}),
    ("UPDATE ledger_seal SET root = hash WHERE number = 2", {"broken 2"}),
    ("UPDATE ledger_seal SET hash = root WHERE number = 1", {"broken 1", "broken 2"}),
    ("DELETE FROM ledger_seal WHERE number = 1", {"broken 1"}),
    ("DELETE FROM ledger_seal WHERE number = 2", {"broken 2"}),
    (
        "UPDATE ledger_seal_leaf SET position = -1 WHERE transaction_id = {post}",
        {"broken 1"},
    ),
    (
        "UPDATE ledger_seal_leaf SET seal_number = 0 WHERE transaction_id = {post}",
        {"broken 0", "broken 1"},
    ),
]


@pytest.mark.parametrize(("statement", "expected"), TAMPERINGS)
def test_whatever_is_altered_is_named(
    unguarded: sa.Connection, sealed: dict[str, int], statement: str, expected: set[str]
) -> None:
    assert faults(unguarded) == set()
    assert unguarded.exec_driver_sql(statement.format(**sealed)).rowcount == 1
    kinds = {
        "altered": ("altered-transaction", "transaction"),
        "unsealed": ("unsealed-transaction", "transaction"),
        "broken": ("broken-seal-chain", "seal"),
    }
    named = set()
    for text in expected:
        word, number = text.format(**sealed).split()
        named.add((kinds[word][0], f"{kinds[word][1]} {number}"))
    assert faults(unguarded) == named


def test_a_transaction_slipped_in_behind_a_seal_is_named(
    unguarded: sa.Connection, sealed: dict[str, int]
) -> None:
    number = 1_000_000 if unguarded.dialect.name == "postgresql" else 0
    overriding = "OVERRIDING SYSTEM VALUE" if number else ""
    columns = "recorded_at, effective, action, kind, digest, memo, actor, reference"
    unguarded.exec_driver_sql(
        f"INSERT INTO ledger_transaction (id, xid, key, {columns}) {overriding}"
        f" SELECT {number or -1}, 1, 'slipped', {columns} FROM ledger_transaction"
        f" WHERE id = {sealed['hold']}"
    )
    assert faults(unguarded) == {("unsealed-transaction", f"transaction {number or -1}")}


def test_what_was_altered_cannot_be_proven(
    unguarded: sa.Connection, sealed: dict[str, int]
) -> None:
    unguarded.exec_driver_sql(
        f"UPDATE ledger_transaction SET memo = 'x' WHERE id = {sealed['post']}"
    )
    with pytest.raises(ledger.SealBroken):
        Book(unguarded).prove(sealed["post"])
    assert Book(unguarded).prove(sealed["hold"]).seal.number == 1
