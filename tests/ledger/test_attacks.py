"""Raw SQL against the book, as its owner: the database refuses what the rules forbid."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ledger import Book

TABLES = ["account", "account_event", "transaction", "entry", "hold", "hold_part"]


@pytest.fixture
def story(book: Book, connection: sa.Connection) -> Book:
    """A transfer (with a reversal), and a hold of which a part is settled."""
    first = book.transfer("school:a", "school:b", 60, key="t")
    book.reverse(first.id, key="r")
    hold = book.hold("school:a", "school:b", 30, key="h")
    book.settle(hold.id, 10, key="s", final=False)
    connection.commit()
    return book


def refused(connection: sa.Connection, *statements: str) -> None:
    """Run statements as one transaction and see the database refuse them."""

    def attack() -> None:
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.commit()

    with pytest.raises(sa.exc.IntegrityError):
        attack()
    connection.rollback()


HEADER = (
    "INSERT INTO ledger_transaction (recorded_at, effective, entry_count, action, kind, key,"
    " digest, memo, actor, reference, reverses_id)"
)
ENTRY = (
    "INSERT INTO ledger_entry (account_id, version, transaction_id, amount, balance, recorded_at,"
    " line, entry_count)"
)


def header(key: str, count: object = 2, action: str = "post", **values: object) -> str:
    """A header of a transaction like the first one, under another key."""
    columns = {"effective": "effective", "reverses": "NULL", **values}
    return (
        f"{HEADER} SELECT recorded_at, {columns['effective']}, {count}, '{action}', 'x', '{key}',"
        f" digest, '', '', '', {columns['reverses']} FROM ledger_transaction WHERE key = 't'"
    )


def entry(key: str, account: str, amount: int, line: int, count: int = 2) -> str:
    """An entry that goes on correctly from the last one on its account."""
    return (
        f"{ENTRY} SELECT b.account_id, b.version + 1, t.id, {amount}, b.posted + {amount},"
        f" b.recorded_at, {line}, {count} FROM ledger_balance b"
        " JOIN ledger_account a ON a.id = b.account_id, ledger_transaction t"
        f" WHERE a.code = 'school:{account}' AND t.key = '{key}'"
    )


@pytest.mark.parametrize("table", TABLES)
def test_recorded_rows_can_be_neither_changed_nor_deleted(
    story: Book, connection: sa.Connection, table: str
) -> None:
    column = {"entry": "amount", "hold": "minutes", "hold_part": "settled"}.get(table, "id")
    if table in ("account", "account_event", "transaction"):
        column = {"account": "code", "account_event": "actor", "transaction": "memo"}[table]
    refused(connection, f"UPDATE ledger_{table} SET {column} = {column}")
    refused(connection, f"DELETE FROM ledger_{table}")


@pytest.mark.postgresql
@pytest.mark.parametrize("table", [*TABLES, "balance"])
def test_tables_cannot_be_truncated_nor_their_guards_be_replicated_away(
    story: Book, connection: sa.Connection, table: str
) -> None:
    if connection.dialect.name != "postgresql":
        pytest.skip("SQLite has no TRUNCATE and no replication role")
    refused(connection, f"TRUNCATE ledger_{table} CASCADE")
    refused(
        connection,
        "SET session_replication_role = replica",
        f"DELETE FROM ledger_{table}",
    )


@pytest.mark.parametrize("table", [*TABLES, "balance"])
def test_rows_cannot_be_replaced(story: Book, connection: sa.Connection, table: str) -> None:
    if connection.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no INSERT OR REPLACE")
    for pragma in ("ON", "OFF"):
        refused(
            connection,
            f"PRAGMA recursive_triggers = {pragma}",
            f"INSERT OR REPLACE INTO ledger_{table} SELECT * FROM ledger_{table}",
        )


def test_a_transaction_without_lines_does_not_commit(
    story: Book, connection: sa.Connection
) -> None:
    refused(connection, header("x"))


def test_a_transaction_with_too_few_lines_does_not_commit(
    story: Book, connection: sa.Connection
) -> None:
    refused(connection, header("x"), entry("x", "a", -5, 1))
    refused(connection, header("x"), entry("x", "a", -5, 2))
    refused(connection, header("x", 3), entry("x", "a", -5, 1, 3), entry("x", "b", 5, 3, 3))


def test_an_unbalanced_transaction_is_refused(story: Book, connection: sa.Connection) -> None:
    refused(connection, header("x"), entry("x", "a", -5, 1), entry("x", "b", 6, 2))


def test_no_line_can_be_smuggled_into_a_transaction(story: Book, connection: sa.Connection) -> None:
    refused(connection, entry("t", "a", -5, 1))
    refused(connection, entry("t", "a", -5, 3))
    refused(connection, entry("t", "a", -5, 3, 4), entry("t", "b", 5, 4, 4))
    refused(connection, entry("h", "a", -5, 1), entry("h", "b", 5, 2))


def test_a_line_that_moves_nothing_is_refused(story: Book, connection: sa.Connection) -> None:
    refused(connection, header("x"), entry("x", "a", 0, 1), entry("x", "b", 0, 2))


def test_a_version_cannot_be_used_twice(story: Book, connection: sa.Connection) -> None:
    again = entry("x", "a", -5, 1).replace("b.version + 1", "b.version")
    refused(connection, header("x"), again, entry("x", "b", 5, 2))


def test_a_key_cannot_be_used_twice(story: Book, connection: sa.Connection) -> None:
    refused(connection, header("t"), entry("t", "a", -5, 1), entry("t", "b", 5, 2))


def test_a_transaction_cannot_be_reversed_twice_nor_a_reversal_or_a_hold(
    story: Book, connection: sa.Connection
) -> None:
    for key in ("t", "r", "h"):
        number = f"(SELECT id FROM ledger_transaction WHERE key = '{key}')"
        refused(
            connection,
            header("x", action="reverse", reverses=number),
            entry("x", "a", 60, 1),
            entry("x", "b", -60, 2),
        )


def test_what_moves_nothing_has_no_lines_and_what_moves_has(
    story: Book, connection: sa.Connection
) -> None:
    refused(connection, header("x", "NULL"))
    refused(connection, header("x", 2, "hold"))
    refused(connection, header("x", 2, "theft"))


def test_nothing_is_dated_in_the_future(story: Book, connection: sa.Connection) -> None:
    refused(
        connection,
        header("x", effective="'2999-01-01'"),
        entry("x", "a", -5, 1),
        entry("x", "b", 5, 2),
    )


def test_a_hold_cannot_be_overdrawn_or_resolved_after_its_end(
    story: Book, connection: sa.Connection
) -> None:
    def part(number: int, settled: int, remaining: int, state: str) -> str:
        return (
            "INSERT INTO ledger_hold_part (hold_id, part, transaction_id, settled, remaining,"
            f" state) SELECT h.id, {number}, x.id, {settled}, {remaining}, '{state}'"
            " FROM ledger_transaction h, ledger_transaction x"
            " WHERE h.key = 'h' AND x.key = 'x'"
        )

    void = header("x", "NULL", "void")
    refused(connection, void, part(1, 30, 0, "settled"))
    refused(connection, void, part(2, 10, 21, "open"))
    refused(connection, void, part(2, 31, 0, "settled"))
    refused(connection, void, part(2, 9, 0, "voided"))
    refused(connection, void, part(3, 30, 0, "settled"))
    refused(connection, void, part(2, 30, 0, "open"))
    story.void(story.holds("school:a")[0].id, key="v")
    connection.commit()
    refused(connection, void, part(3, 30, 0, "settled"))


def test_a_balance_keeps_to_its_entries(story: Book, connection: sa.Connection) -> None:
    refused(connection, "UPDATE ledger_balance SET posted = posted + 1")
    refused(connection, "UPDATE ledger_balance SET version = version - 1 WHERE version > 0")
    refused(connection, "UPDATE ledger_balance SET account_id = account_id + 100")
    refused(connection, "DELETE FROM ledger_balance")
    refused(
        connection,
        "INSERT INTO ledger_account (code, name, opened_at)"
        " SELECT 'x', '', opened_at FROM ledger_account WHERE code = 'school:a'",
        "INSERT INTO ledger_balance (account_id, status, posted, held_out, held_in, version,"
        " recorded_at) SELECT id, 'open', 5, 0, 0, 0, opened_at FROM ledger_account"
        " WHERE code = 'x'",
    )


def test_the_database_keeps_the_limits(story: Book, connection: sa.Connection) -> None:
    for change in (
        "posted = posted - 10000, version = version + 1",
        "held_out = held_out + 10000",
    ):
        refused(
            connection,
            f"UPDATE ledger_balance SET {change} WHERE floor = -600",
        )
    for change in ("posted = posted + 10000, version = version + 1", "held_in = held_in + 10000"):
        refused(connection, f"UPDATE ledger_balance SET {change} WHERE ceiling = 120")
    refused(connection, "UPDATE ledger_balance SET held_out = -1")
    refused(connection, "UPDATE ledger_balance SET status = 'gone'")
    refused(connection, "UPDATE ledger_balance SET status = 'closed' WHERE posted <> 0")
