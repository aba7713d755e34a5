"""INSERT OR REPLACE from a plain connection, whose foreign keys and recursive triggers are off.

SQLite then deletes what a row would be in the way of by any of its unique columns, and asks no
trigger that guards deletions. So each unique constraint is tried by itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from ledger import Book, schema
from tests.ledger.keys import new_key
from tests.ledger.test_attacks import HOLD, REPLACED, number

A, B = "school:a", "school:b"
FOLLOWS, PERIOD = "a seal follows on the one before", "a period cannot be closed so"

# Table, the row to be replaced, what differs in the new one, and what the guard says. (Where it is
# another guard's word, a row with that number cannot come to be, whatever else it has.)
CASES = {
    "account id": ("account", "code = 'school:a'", {"code": "'x'"}, REPLACED),
    "account code": ("account", "code = 'school:a'", {"id": "id + 100"}, REPLACED),
    "event of an account": ("account_event", "1", {}, REPLACED),
    "balance account": (
        "balance",
        f"account_id = (SELECT id FROM ledger_account WHERE code = '{A}')",
        {"posted": "0", "version": "0", "held_out": "0", "held_in": "0"},
        REPLACED,
    ),
    "transaction id": ("transaction", "key = 't'", {"key": "'x'"}, REPLACED),
    "transaction key": ("transaction", "key = 't'", {"id": "id + 100"}, REPLACED),
    "transaction reversed": (
        "transaction",
        "key = 'r'",
        {"id": "id + 100", "key": "'x'"},
        REPLACED,
    ),
    "entry account and version": (
        "entry",
        f"transaction_id = {number('t')} AND line = 1",
        {"line": "9"},
        REPLACED,
    ),
    "entry transaction and line": (
        "entry",
        f"transaction_id = {number('s')} AND line = 1",
        {"version": "version + 1", "balance": "balance + amount"},
        REPLACED,
    ),
    "hold id": ("hold", f"id = {number('h')}", {"minutes": "99"}, REPLACED),
    "part of a hold": (
        "hold_part",
        f"hold_id = {number('h')}",
        {"transaction_id": number("v")},
        HOLD,
    ),
    "transaction of a part": (
        "hold_part",
        f"hold_id = {number('h')}",
        {"part": "2", "settled": "20", "remaining": "10"},
        REPLACED,
    ),
    "period": ("period", "1", {"closed_at": "closed_at + 1"}, PERIOD),
    "checkpoint": ("checkpoint", "balance <> 0", {"balance": "0"}, REPLACED),
    "seal number": ("seal", "number = 1", {"hash": "zeroblob(32)"}, FOLLOWS),
    "seal hash": (
        "seal",
        "number = 1",
        {"number": "3", "previous": "(SELECT hash FROM ledger_seal WHERE number = 2)"},
        REPLACED,
    ),
    "leaf of a transaction": (
        "seal_leaf",
        f"transaction_id = {number('t')}",
        {"position": "99"},
        REPLACED,
    ),
    "leaf at a position": (
        "seal_leaf",
        f"transaction_id = {number('t')}",
        {"transaction_id": "999"},
        REPLACED,
    ),
}


@pytest.fixture
def plain(engine: sa.Engine, book: Book, connection: sa.Connection) -> Iterator[sqlite3.Connection]:
    """A plain connection to a book with one of each kind of row, all of it committed."""
    if connection.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no INSERT OR REPLACE")
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    book.transfer(A, B, 7, key="early", effective=yesterday)
    first = book.transfer(A, B, 60, key="t")
    connection.commit()
    book.seal()
    book.reverse(first.id, key="r")
    hold = book.hold(A, B, 40, key="h")
    book.settle(hold.id, 10, key="s", final=False)
    book.void(book.hold(A, B, 5, key="h2").id, key="v")
    connection.commit()
    book.seal()
    book.close_period(yesterday, actor="Ann", key=new_key())
    connection.commit()
    with closing(sqlite3.connect(str(engine.url.database))) as raw:
        yield raw


def rows(raw: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the book."""
    return {
        table: raw.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
        for table in schema.metadata.tables
    }


@pytest.mark.parametrize("case", CASES)
def test_no_row_is_replaced(plain: sqlite3.Connection, case: str) -> None:
    table, where, changes, guard = CASES[case]
    name = f"ledger_{table}"
    columns = [row[1] for row in plain.execute(f"PRAGMA table_info({name})")]
    values = ", ".join(changes.get(column, column) for column in columns)
    assert set(changes) <= set(columns)
    before = rows(plain)
    assert plain.execute(f"SELECT count(*) FROM {name} WHERE {where}").fetchone()[0] >= 1
    with pytest.raises(sqlite3.IntegrityError, match=guard):
        plain.execute(
            f"INSERT OR REPLACE INTO {name} ({', '.join(columns)})"
            f" SELECT {values} FROM {name} WHERE {where}"
        )
    assert rows(plain) == before


def test_every_table_that_is_only_added_to_is_tried() -> None:
    tried = {f"ledger_{table}" for table, *_ in CASES.values()}
    changing = set(schema.CHANGING) - {"ledger_balance", "ledger_account"}
    assert set(schema.metadata.tables) - changing == tried
