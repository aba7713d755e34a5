"""Changing the book behind its guards' back, as somebody with the keys to the database could."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import sqlalchemy as sa

from ledger import Book, Report, schema

HEADER = (
    "INSERT INTO ledger_transaction (recorded_at, effective, entry_count, action, kind, key,"
    " digest, memo, actor, reference, reverses_id)"
)


def tamper(engine: sa.Engine, *statements: str) -> None:
    """Run statements with every trigger and foreign key off, and put the triggers back."""
    if engine.dialect.name == "sqlite":
        assert engine.url.database
        with closing(sqlite3.connect(engine.url.database)) as raw:
            names = raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for (name,) in names:
                raw.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                raw.execute(statement)
            raw.commit()
    else:
        with engine.begin() as connection:
            for table in schema.metadata.tables:
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            for statement in statements:
                connection.exec_driver_sql(statement)
            for table in schema.metadata.tables:
                connection.exec_driver_sql(f"ALTER TABLE IF EXISTS {table} ENABLE TRIGGER ALL")
    with engine.begin() as connection:
        schema.install_guards(connection)


def transaction(key: str) -> str:
    """The number of a transaction, as SQL."""
    return f"(SELECT id FROM ledger_transaction WHERE key = '{key}')"


def account(code: str) -> str:
    """The number of an account, as SQL."""
    return f"(SELECT id FROM ledger_account WHERE code = '{code}')"


def header(
    key: str, like: str, action: str = "post", count: object = 2, reverses: str = "NULL"
) -> str:
    """A header recorded when the transaction ``like`` was, as SQL."""
    return (
        f"{HEADER} SELECT recorded_at, effective, {count}, '{action}', 'x', '{key}', digest,"
        f" '', '', '', {reverses} FROM ledger_transaction WHERE key = '{like}'"
    )


def lines(key: str, *legs: tuple[str, int]) -> list[str]:
    """Entries that go on correctly from what is there, with their balance rows, as SQL."""
    statements = []
    for number, (code, amount) in enumerate(legs, start=1):
        statements += [
            f"UPDATE ledger_balance SET posted = posted + {amount}, version = version + 1,"
            f" recorded_at = (SELECT recorded_at FROM ledger_transaction WHERE key = '{key}')"
            f" WHERE account_id = {account(code)}",
            "INSERT INTO ledger_entry (account_id, version, transaction_id, amount, balance,"
            f" recorded_at, line, entry_count) SELECT b.account_id, b.version, t.id, {amount},"
            f" b.posted, t.recorded_at, {number}, {len(legs)}"
            " FROM ledger_balance b, ledger_transaction t"
            f" WHERE b.account_id = {account(code)} AND t.key = '{key}'",
        ]
    return statements


def part(number: int, hold: str, key: str, settled: int, remaining: int, state: str) -> str:
    """A part of a hold, as SQL."""
    return (
        "INSERT INTO ledger_hold_part (hold_id, part, transaction_id, settled, remaining, state)"
        f" VALUES ({transaction(hold)}, {number}, {transaction(key)}, {settled}, {remaining},"
        f" '{state}')"
    )


def report(engine: sa.Engine, thorough: bool = False) -> Report:
    with engine.connect().execution_options(read_only=True, postgresql_readonly=True) as connection:
        return Book(connection).verify(thorough=thorough)


def faults(engine: sa.Engine) -> set[tuple[str, str]]:
    """Kind and subject of what is found, transactions and holds by their keys."""
    found = report(engine)
    assert found.total == len(found.faults)
    with engine.connect() as connection:
        keys = {
            str(row.id): row.key
            for row in connection.exec_driver_sql("SELECT id, key FROM ledger_transaction")
        }

    def key(match: re.Match[str]) -> str:
        return f"{match[1]} {keys.get(match[2], match[2])}"

    return {
        (fault.kind, re.sub(r"\b(transaction|hold) (\d+)", key, fault.subject))
        for fault in found.faults
    }
