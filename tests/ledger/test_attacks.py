"""Raw SQL against the book, as its owner: the database refuses what the rules forbid."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
import sqlalchemy as sa

from ledger import Book

# What the guards say; of two, what they say on PostgreSQL and on SQLite.
CHANGED = "recorded rows are never changed"
REPLACED = "recorded rows are never replaced"
DELETED = "a balance is never deleted"
MOVES = "a balance moves only with its entries"
LINES = "does not have the lines that belong to it"
NO_LINE = "has no line"
SUM = "the lines of a transaction are not complete or do not sum to zero"
STRAY = "a line without its account or transaction"
LAST_LINE = "FOREIGN KEY constraint failed"
LINE, COUNT = "ck_ledger_entry_line", "ck_ledger_transaction_entry_count"
ACTION = "ck_ledger_transaction_action"
HOLD = r"hold \d*\s?cannot be resolved so"
OVERRIDE = "overrides a limit without naming who and why", "ck_ledger_transaction_override"
REVERSES = "reverses what cannot be reversed", "ck_ledger_transaction_reverses"
REVERSED = "reverses what cannot be reversed", "the transaction cannot be reversed"
UNIQUE_KEY, UNIQUE_LINE = "uq_ledger_transaction_key", "uq_ledger_entry_transaction_id_line"
UNIQUE_REVERSAL, UNIQUE_VERSION = "uq_ledger_transaction_reverses_id", "pk_ledger_entry"
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


def run(connection: sa.Connection, *statements: str) -> None:
    """Run statements as one transaction."""
    for statement in statements:
        connection.exec_driver_sql(statement)
    connection.commit()


def refused(connection: sa.Connection, *statements: str, by: str | tuple[str, str] = ".") -> None:
    """Run statements as one transaction, or as one statement, and see a guard refuse them.

    ``by`` is what that guard says, or what it says on PostgreSQL and on SQLite. (Where PostgreSQL
    wants a header and its entries in one statement, it refuses a header alone for being alone.)
    """
    message = by if isinstance(by, str) else by[connection.dialect.name == "sqlite"]
    one = together(connection, *statements)
    alone = message if one == list(statements) else f"{message}|{LINES}"
    for attack, expected in ((statements, alone), (one, message)):
        with pytest.raises(sa.exc.IntegrityError, match=expected):
            run(connection, *attack)
        connection.rollback()


def accepted(connection: sa.Connection, *statements: str) -> None:
    """See the database accept statements: for it is something else that it refuses."""
    run(connection, *together(connection, *statements))


def together(connection: sa.Connection, *statements: str) -> list[str]:
    """Headers and their entries as PostgreSQL wants them: in one statement."""
    headers = [one for one in statements if one.startswith(HEADER)]
    rows = all(one.startswith((HEADER, ENTRY)) for one in statements)
    if connection.dialect.name == "sqlite" or not (headers and rows):
        return list(statements)
    returning = [f"header{n} AS ({one} RETURNING *)" for n, one in enumerate(headers)]
    union = " UNION ALL ".join(f"SELECT * FROM header{n}" for n in range(len(headers)))
    others = [
        one.replace("ledger_transaction t", "header t") for one in statements if one not in headers
    ]
    writing = [f"written{n} AS ({one})" for n, one in enumerate(others)]
    return [f"WITH {', '.join([*returning, f'header AS ({union})', *writing])} SELECT 1"]


HEADER = (
    "INSERT INTO ledger_transaction (recorded_at, effective, entry_count, action, kind, key,"
    " digest, memo, actor, reference, reverses_id, override_actor, override_reason)"
)
ENTRY = (
    "INSERT INTO ledger_entry (account_id, version, transaction_id, amount, balance, recorded_at,"
    " line, entry_count)"
)


def header(key: str, count: object = 2, action: str = "post", **values: object) -> str:
    """A header of a transaction like the first one, under another key."""
    columns = {"effective": "effective", "reverses": "NULL", "actor": "NULL", "reason": "NULL"}
    columns |= {name: str(value) for name, value in values.items()}
    return (
        f"{HEADER} SELECT recorded_at, {columns['effective']}, {count}, '{action}', 'x', '{key}',"
        f" digest, '', '', '', {columns['reverses']}, {columns['actor']}, {columns['reason']}"
        " FROM ledger_transaction WHERE key = 't'"
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
    column = {
        "account": "code",
        "account_event": "name",
        "transaction": "memo",
        "entry": "amount",
        "hold": "minutes",
        "hold_part": "settled",
    }[table]
    other = f"{column} || 'x'" if column in ("code", "name", "memo") else f"{column} + 1"
    refused(connection, f"UPDATE ledger_{table} SET {column} = {other}", by=CHANGED)
    refused(connection, f"DELETE FROM ledger_{table}", by=CHANGED)


@pytest.mark.postgresql
@pytest.mark.parametrize("table", [*TABLES, "balance"])
def test_tables_cannot_be_truncated_nor_their_guards_be_replicated_away(
    story: Book, connection: sa.Connection, table: str
) -> None:
    if connection.dialect.name != "postgresql":
        pytest.skip("SQLite has no TRUNCATE and no replication role")
    refused(
        connection,
        f"TRUNCATE ledger_{table} CASCADE",
        by=DELETED if table == "balance" else CHANGED,
    )
    refused(
        connection,
        "SET session_replication_role = replica",
        f"DELETE FROM ledger_{table}",
        by=DELETED if table == "balance" else CHANGED,
    )


def test_a_transaction_without_lines_does_not_commit(
    story: Book, connection: sa.Connection
) -> None:
    refused(connection, header("x"), by=(LINES, LAST_LINE))


def test_a_transaction_with_too_few_lines_does_not_commit(
    story: Book, connection: sa.Connection
) -> None:
    refused(connection, header("x"), entry("x", "a", -5, 1), by=(LINES, LAST_LINE))
    refused(connection, header("x"), entry("x", "a", -5, 2), by=(LINES, SUM))
    refused(
        connection,
        header("x", 3),
        entry("x", "a", -5, 1, 3),
        entry("x", "b", 5, 3, 3),
        by=(LINES, SUM),
    )


def test_an_unbalanced_transaction_is_refused(story: Book, connection: sa.Connection) -> None:
    refused(connection, header("x"), entry("x", "a", -5, 1), entry("x", "b", 6, 2), by=(LINES, SUM))


def test_no_line_can_be_smuggled_into_a_transaction(story: Book, connection: sa.Connection) -> None:
    refused(connection, entry("t", "a", -5, 1), by=(UNIQUE_LINE, REPLACED))
    refused(connection, entry("t", "a", -5, 3), by=(NO_LINE, LINE))
    refused(connection, entry("t", "a", -5, 3, 4), entry("t", "b", 5, 4, 4), by=(NO_LINE, STRAY))
    refused(connection, entry("h", "a", -5, 1), entry("h", "b", 5, 2), by=(NO_LINE, STRAY))


def test_a_line_that_moves_nothing_is_refused(story: Book, connection: sa.Connection) -> None:
    refused(
        connection,
        header("x"),
        entry("x", "a", 0, 1),
        entry("x", "b", 0, 2),
        by=(NO_LINE, "ck_ledger_entry_amount"),
    )


def test_a_version_cannot_be_used_twice(story: Book, connection: sa.Connection) -> None:
    again = entry("x", "a", -5, 1).replace("b.version + 1", "b.version")
    again = again.replace("b.posted + -5", "b.posted + 10 - 5")  # the last took 10 from a
    refused(connection, header("x"), again, entry("x", "b", 5, 2), by=(UNIQUE_VERSION, REPLACED))


def test_an_entry_goes_on_from_the_one_before(story: Book, connection: sa.Connection) -> None:
    if connection.dialect.name != "sqlite":
        pytest.skip("PostgreSQL leaves it to verify")
    lines = entry("x", "a", -5, 1), entry("x", "b", 5, 2)
    for wrong in (
        lines[1].replace("b.posted + 5", "b.posted + 6"),
        lines[1].replace("b.version + 1", "b.version + 2"),
        entry("x", "c", 5, 2).replace("b.posted + 5", "b.posted + 6"),  # the first of an account
    ):
        refused(connection, header("x"), lines[0], wrong, by="an entry goes on from the one before")
    accepted(connection, header("x"), *lines)


def test_a_key_cannot_be_used_twice(story: Book, connection: sa.Connection) -> None:
    refused(
        connection,
        header("t"),
        entry("t", "a", -5, 1),
        entry("t", "b", 5, 2),
        by=(UNIQUE_KEY, REPLACED),
    )


def test_a_transaction_cannot_be_reversed_twice_nor_a_reversal_or_a_hold(
    story: Book, connection: sa.Connection
) -> None:
    for key, by in (("t", (UNIQUE_REVERSAL, REPLACED)), ("r", REVERSED), ("h", REVERSED)):
        number = f"(SELECT id FROM ledger_transaction WHERE key = '{key}')"
        refused(
            connection,
            header("x", action="reverse", reverses=number),
            entry("x", "a", 60, 1),
            entry("x", "b", -60, 2),
            by=by,
        )


def test_what_moves_nothing_has_no_lines_and_what_moves_has(
    story: Book, connection: sa.Connection
) -> None:
    refused(connection, header("x", "NULL"), by=(LINES, COUNT))
    refused(connection, header("x", 2, "hold"), by=(LINES, COUNT))
    refused(connection, header("x", 2, "theft"), by=(LINES, ACTION))


def test_nothing_is_dated_in_the_future(story: Book, connection: sa.Connection) -> None:
    refused(
        connection,
        header("x", effective="'2999-01-01'"),
        entry("x", "a", -5, 1),
        entry("x", "b", 5, 2),
        by=("is effective in the future", "effective date in the future"),
    )


def part(number: int, settled: int, remaining: int, state: str) -> str:
    """A part of the hold h, made by the transaction x."""
    return (
        "INSERT INTO ledger_hold_part (hold_id, part, transaction_id, settled, remaining, state)"
        f" SELECT h.id, {number}, x.id, {settled}, {remaining}, '{state}'"
        " FROM ledger_transaction h, ledger_transaction x WHERE h.key = 'h' AND x.key = 'x'"
    )


def test_a_hold_cannot_be_overdrawn_or_resolved_after_its_end(
    story: Book, connection: sa.Connection
) -> None:
    void = header("x", "NULL", "void")
    refused(connection, void, part(1, 30, 0, "settled"), by=HOLD)
    refused(connection, void, part(2, 10, 21, "open"), by=HOLD)
    refused(connection, void, part(2, 31, 0, "settled"), by=HOLD)
    refused(connection, void, part(2, 9, 0, "voided"), by=HOLD)
    refused(connection, void, part(3, 30, 0, "settled"), by=HOLD)
    refused(connection, void, part(2, 30, 0, "open"), by="ck_ledger_hold_part_remaining")
    story.void(story.holds("school:a")[0].id, key="v")
    connection.commit()
    refused(connection, void, part(3, 30, 0, "settled"), by=HOLD)
    # Nothing is left, so neither does a part that overdraws nothing make it a settled one.
    refused(connection, void, part(3, 10, 0, "settled"), by=HOLD)
    refused(connection, void, part(3, 10, 0, "voided"), by=HOLD)


@pytest.mark.parametrize("expired", [True, False])
def test_an_expired_hold_cannot_be_resolved(
    book: Book, connection: sa.Connection, expired: bool
) -> None:
    made = datetime(2025, 3, 10, tzinfo=UTC)
    end = datetime(2026, 1, 1, tzinfo=UTC) if expired else datetime(2999, 1, 1, tzinfo=UTC)
    Book(connection, clock=lambda: made).hold("school:a", "school:b", 30, key="h", expires_at=end)
    book.transfer("school:a", "school:b", 60, key="t")
    connection.commit()
    for action, parts in (
        ("void", [part(1, 0, 0, "voided")]),
        ("extend", [part(1, 0, 30, "open")]),
    ):
        statements = [header("x", "NULL", action), *parts]
        if expired:
            refused(connection, *statements, by=HOLD)
        else:  # it is for nothing else that it is refused
            for statement in statements:
                connection.exec_driver_sql(statement)
            connection.rollback()


def test_a_balance_keeps_to_its_entries(story: Book, connection: sa.Connection) -> None:
    refused(connection, "UPDATE ledger_balance SET posted = posted + 1", by=MOVES)
    refused(
        connection, "UPDATE ledger_balance SET version = version - 1 WHERE version > 0", by=MOVES
    )
    refused(connection, "UPDATE ledger_balance SET account_id = account_id + 100", by=MOVES)
    refused(connection, "DELETE FROM ledger_balance", by=DELETED)
    refused(
        connection,
        "INSERT INTO ledger_account (code, name, opened_at)"
        " SELECT 'x', '', opened_at FROM ledger_account WHERE code = 'school:a'",
        "INSERT INTO ledger_balance (account_id, status, posted, held_out, held_in, version,"
        " recorded_at) SELECT id, 'open', 5, 0, 0, 0, opened_at FROM ledger_account"
        " WHERE code = 'x'",
        by="a balance begins at zero",
    )


def test_the_database_keeps_the_limits(story: Book, connection: sa.Connection) -> None:
    on_sqlite = connection.dialect.name == "sqlite"
    later = "recorded_at + 1" if on_sqlite else "recorded_at + interval '1us'"
    below, above = "balance below its floor", "balance above its ceiling"
    for change, limit, by in (
        ("posted = posted - 10000, version = version + 1", "floor = -600", below),
        ("held_out = held_out + 10000", "floor = -600", below),
        ("posted = posted + 10000, version = version + 1", "ceiling = 120", above),
        ("held_in = held_in + 10000", "ceiling = 120", above),
    ):
        refused(connection, f"UPDATE ledger_balance SET {change} WHERE {limit}", by=by)
        # As a posting does it: a later version at a later instant.
        step = f"{change}, recorded_at = {later}"
        if "version" not in change:
            step += ", version = version + 1"
        refused(connection, f"UPDATE ledger_balance SET {step} WHERE {limit}", by=by)
    refused(
        connection,
        "UPDATE ledger_balance SET held_out = -1",
        by=("less than nothing cannot be held", "ck_ledger_balance_held"),
    )
    refused(
        connection,
        "UPDATE ledger_balance SET status = 'gone'",
        by=("an account is open or frozen", "ck_ledger_balance_status"),
    )
    refused(
        connection,
        "UPDATE ledger_balance SET status = 'closed' WHERE posted <> 0",
        by=("closed with nothing on it", "ck_ledger_balance_closed"),
    )
    for limits, name in (
        ("floor = 1, ceiling", "limits"),
        ("soft_floor = 1, soft_ceiling", "soft_limits"),
    ):
        refused(
            connection,
            f"UPDATE ledger_balance SET {limits} = 0, version = version + 1, recorded_at = {later}",
            by=("a floor is no higher than its ceiling", f"ck_ledger_balance_{name}"),
        )


def pair(key: str = "x", first: int = -5, second: int = 5, count: int = 2) -> list[str]:
    """Two lines."""
    return [entry(key, "a", first, 1, count), entry(key, "b", second, 2, count)]


def number(key: str) -> str:
    """The number of a transaction, as SQL."""
    return f"(SELECT id FROM ledger_transaction WHERE key = '{key}')"


def test_what_is_sound_is_accepted_once(story: Book, connection: sa.Connection) -> None:
    accepted(connection, header("x"), *pair())
    refused(connection, header("x"), *pair(), by=(UNIQUE_KEY, REPLACED))
    refused(
        connection, header("y"), *pair("y"), by=(UNIQUE_VERSION, REPLACED)
    )  # these versions are taken
    accepted(connection, header("v", "NULL", "void"))


def test_an_amount_of_nothing_is_refused_within_a_sum_of_zero(
    story: Book, connection: sa.Connection
) -> None:
    refused(
        connection,
        header("x", 3),
        entry("x", "a", -5, 1, 3),
        entry("x", "b", 5, 2, 3),
        entry("x", "c", 0, 3, 3),
        by=(NO_LINE, "ck_ledger_entry_amount"),
    )


def test_a_header_counts_its_lines(story: Book, connection: sa.Connection) -> None:
    for count in (-1, 0, 1, 3, 10001, "NULL"):
        refused(
            connection,
            header("x", count),
            *pair(count=2 if count == "NULL" else int(count)),
            by=(LINES, COUNT if count != 3 else LAST_LINE),
        )
        refused(
            connection,
            header("x", count),
            *pair(count=2),
            by=(LINES, COUNT if count != 3 else STRAY),
        )
        refused(connection, header("x", count), by=(LINES, COUNT if count != 3 else LAST_LINE))
    refused(connection, header("x", 2), *pair(count=3), by=(NO_LINE, STRAY))
    refused(connection, header("x", 1), entry("x", "a", 0, 1, 1), by=(LINES, COUNT))


def test_an_action_that_moves_nothing_has_neither_count_nor_lines(
    story: Book, connection: sa.Connection
) -> None:
    for action in ("hold", "void", "extend"):
        refused(connection, header(action, 2, action), *pair(action), by=(LINES, COUNT))
        refused(connection, header(action, "NULL", action), *pair(action), by=(NO_LINE, STRAY))
        accepted(connection, header(action, "NULL", action))
        refused(connection, *pair(action), by=(NO_LINE, STRAY))


def test_there_are_no_other_actions(story: Book, connection: sa.Connection) -> None:
    for action in ("theft", "", "Post"):
        refused(connection, header("x", 2, action), *pair(), by=(LINES, ACTION))
        refused(connection, header("x", "NULL", action), by=(LINES, f"{ACTION}|{COUNT}"))


def test_lines_belong_to_accounts_and_transactions(story: Book, connection: sa.Connection) -> None:
    a, b = pair()
    for nobody in (999, -1):
        first = f"SELECT {nobody}, 1, t.id, 5, 5"
        stray = b.replace("SELECT b.account_id, b.version + 1, t.id, 5, b.posted + 5", first)
        refused(connection, header("x"), a, stray, by=(LINES, STRAY))
    refused(
        connection,
        header("x"),
        a,
        b.replace("b.version + 1, t.id", "b.version + 1, 999"),
        by=(LINES, STRAY),
    )
    refused(connection, *[one.replace("t.id", "999") for one in pair("t")], by=(NO_LINE, STRAY))
    # A line for an old transaction beside a sound one.
    refused(
        connection,
        header("x"),
        a,
        b,
        entry("x", "c", 5, 3).replace("t.id", number("t")),
        by=(NO_LINE, LINE),
    )
    refused(
        connection,
        header("x"),
        a,
        b,
        entry("x", "c", 5, 3, 3).replace("t.id", number("t")),
        by=(NO_LINE, STRAY),
    )


def test_a_line_has_a_place(story: Book, connection: sa.Connection) -> None:
    for place in (-1, 0, 1, 3):
        by = (UNIQUE_LINE, REPLACED) if place == 1 else (NO_LINE, LINE)
        refused(connection, header("x"), entry("x", "a", -5, 1), entry("x", "b", 5, place), by=by)


def test_two_transactions_do_not_lend_each_other_lines(
    story: Book, connection: sa.Connection
) -> None:
    both = [header("x"), header("y")]
    a, b = entry("x", "a", -5, 1), entry("x", "b", 5, 2)
    c, fund = entry("y", "c", -5, 1), entry("y", "c", 5, 2)
    fund = fund.replace("school:c", "network:fund")
    refused(connection, *both, a, b, by=(LINES, LAST_LINE))
    refused(
        connection,
        *both,
        a,
        b.replace("'x'", "'y'"),
        c.replace("1, 2 FROM", "2, 2 FROM"),
        by=(UNIQUE_LINE, SUM),
    )
    refused(
        connection,
        *both,
        a,
        b.replace(" 5,", " 6,"),
        c,
        fund.replace(" 5,", " 4,"),
        by=(LINES, SUM),
    )
    refused(
        connection,
        header("x", 3),
        header("y", 3),
        a.replace("1, 2 FROM", "1, 3 FROM"),
        b.replace("2, 2 FROM", "2, 3 FROM"),
        c.replace("1, 2 FROM", "1, 3 FROM"),
        fund.replace("2, 2 FROM", "2, 3 FROM"),
        by=(LINES, LAST_LINE),
    )
    accepted(connection, *both, a, b, c, fund)


def test_an_override_names_who_and_why(story: Book, connection: sa.Connection) -> None:
    for actor, reason in (("'Jo'", "NULL"), ("NULL", "'slip'"), ("''", "'slip'"), ("'Jo'", "''")):
        refused(connection, header("x", actor=actor, reason=reason), *pair(), by=OVERRIDE)
        refused(connection, header("x", "NULL", "void", actor=actor, reason=reason), by=OVERRIDE)
    accepted(connection, header("x", actor="'Jo'", reason="'slip'"), *pair())


def test_what_reverses_is_a_reversal_of_something_as_long(
    story: Book, connection: sa.Connection
) -> None:
    s = number("s")
    refused(connection, header("x", action="reverse"), *pair(), by=REVERSES)
    refused(connection, header("x", reverses=s), *pair(), by=REVERSES)
    refused(connection, header("x", action="settle", reverses=s), *pair(), by=REVERSES)
    refused(
        connection,
        header("x", action="reverse", reverses=999),
        *pair(),
        by=("fk_ledger_transaction_reverses_id", "the transaction cannot be reversed"),
    )
    refused(connection, header("x", "NULL", "void", reverses=s), by=REVERSED)
    refused(
        connection,
        header("x", 3, "reverse", reverses=s),
        *pair(first=-10, count=3),
        entry("x", "c", 5, 3, 3),
        by=REVERSED,
    )
    accepted(connection, header("x", action="reverse", reverses=s), *pair())
    refused(
        connection,
        header("y", action="reverse", reverses=s),
        *pair("y"),
        by=(UNIQUE_REVERSAL, REPLACED),
    )


def test_a_savepoint_lends_nothing(story: Book, connection: sa.Connection) -> None:
    one, *lines = header("x"), *pair()
    refused(connection, "SAVEPOINT s", one, "RELEASE SAVEPOINT s", lines[0], by=(LINES, LAST_LINE))
    refused(connection, one, "SAVEPOINT s", lines[0], "RELEASE SAVEPOINT s", by=(LINES, LAST_LINE))
    late = [line.replace("t.id", "999") for line in pair("t")]  # the header is taken back
    refused(
        connection,
        "SAVEPOINT s",
        *together(connection, one, *lines),
        "ROLLBACK TO s",
        *late,
        by=(NO_LINE, STRAY),
    )


@pytest.mark.postgresql
def test_a_temporary_table_does_not_answer_for_the_books(
    story: Book, connection: sa.Connection
) -> None:
    if connection.dialect.name != "postgresql":
        pytest.skip("on SQLite, what a trigger names is in its own database")
    temporary = "CREATE TEMPORARY TABLE {0} ON COMMIT DROP AS SELECT * FROM public.{0}"
    refused(
        connection,
        temporary.format("ledger_entry"),
        "INSERT INTO ledger_entry SELECT account_id, version, n, amount, balance, recorded_at,"
        " line, entry_count FROM public.ledger_entry, generate_series(1, 99) n"
        " WHERE line <= 2 AND transaction_id = (SELECT min(transaction_id) FROM ledger_entry)",
        header("x").replace("INTO ledger", "INTO public.ledger"),
        by=LINES,
    )
    refused(
        connection,
        temporary.format("ledger_transaction"),
        "UPDATE ledger_transaction SET entry_count = 3",
        entry("t", "a", -5, 3, 3).replace("INTO ledger", "INTO public.ledger"),
        by=NO_LINE,
    )
    part = (
        "INSERT INTO public.ledger_hold_part (hold_id, part, transaction_id, settled, remaining,"
        " state) SELECT h.id, 2, x.id, 90, 0, 'settled' FROM ledger_hold h, ledger_transaction x"
        " WHERE x.key = 'x'"
    )
    refused(
        connection,
        header("x", "NULL", "void"),
        temporary.format("ledger_hold_part"),
        "UPDATE ledger_hold_part SET remaining = 99",
        part,
        by=HOLD,
    )


@pytest.mark.postgresql
def test_however_rows_are_written_they_are_checked(story: Book, connection: sa.Connection) -> None:
    if connection.dialect.name != "postgresql":
        pytest.skip("SQLite has no COPY, MERGE or functions, and numbers are given by hand there")
    # By numbers of one's own, and in any order within a statement.
    head = header("x").replace("(recorded", "(id, recorded")
    head = head.replace("SELECT recorded", "OVERRIDING SYSTEM VALUE SELECT 777, recorded")
    lines = [one.replace("t.id", "777") for one in pair("t")]

    def one_statement(*parts: str) -> str:
        return f"WITH {', '.join(f'w{n} AS ({part})' for n, part in enumerate(parts))} SELECT 1"

    refused(connection, one_statement(lines[0], head), by=LINES)
    refused(connection, one_statement(*lines), head, by=NO_LINE)
    refused(connection, *lines, head, by=NO_LINE)
    refused(connection, f"DO $$ BEGIN {head}; {lines[0]}; {lines[1]}; END $$", by=LINES)
    refused(
        connection,
        f"CREATE FUNCTION pg_temp.f() RETURNS text LANGUAGE plpgsql AS"
        f" $$ BEGIN {lines[0]}; {lines[1]}; RETURN 'x'; END $$",
        head.replace("'x', 'x'", "'x', pg_temp.f()"),
        by=NO_LINE,
    )
    for key in ("(account_id, version)", "(transaction_id, line)"):
        refused(
            connection,
            "INSERT INTO ledger_entry TABLE ledger_entry"
            f" ON CONFLICT {key} DO UPDATE SET amount = 1",
            by=CHANGED,
        )
    refused(
        connection,
        "INSERT INTO ledger_entry SELECT account_id, version + 9, transaction_id, amount, balance,"
        " recorded_at, line + 2, 4 FROM ledger_entry ON CONFLICT DO NOTHING",
        by=NO_LINE,
    )
    columns = "recorded_at, effective, entry_count, action, kind, key, digest, memo, actor"
    merge = (
        "MERGE INTO ledger_transaction t USING (SELECT * FROM ledger_transaction WHERE key = 't') s"
        f" ON false WHEN NOT MATCHED THEN INSERT ({columns}, reference)"
        " VALUES (s.recorded_at, s.effective, 2, 'post', 'x', 'x', s.digest, '', '', '')"
    )
    if connection.dialect.server_version_info >= (15,):  # type: ignore[operator]
        refused(connection, merge, by=LINES)
    driver = connection.connection.driver_connection
    assert driver is not None
    now = datetime.now(UTC)
    for table, row in (
        (f"ledger_transaction ({columns}, reference)", (now, now, 2, "post", "", "x", b"", *"   ")),
        ("ledger_entry", (1, 99, 1, 5, 5, now, 3, 3)),
        ("ledger_entry", (1, 99, 1, 5, 5, now, 3, 2)),
    ):
        with (
            pytest.raises(psycopg.IntegrityError),
            driver.cursor() as cursor,
            cursor.copy(f"COPY {table} FROM STDIN") as copy,
        ):
            copy.write_row(row)
        connection.rollback()
        driver.rollback()
    accepted(connection, one_statement(lines[1], head, lines[0]))


NIGHTS = [  # an instant, and London's day then
    (datetime(2026, 1, 15, 23, 30, tzinfo=UTC), date(2026, 1, 15)),
    (datetime(2026, 7, 15, 22, 59, tzinfo=UTC), date(2026, 7, 15)),
    (datetime(2026, 7, 15, 23, 30, tzinfo=UTC), date(2026, 7, 16)),
    (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), date(2026, 3, 28)),  # the night before the change
    (datetime(2026, 3, 29, 23, 30, tzinfo=UTC), date(2026, 3, 30)),
    (datetime(2025, 10, 25, 23, 30, tzinfo=UTC), date(2025, 10, 26)),
    (datetime(2025, 10, 26, 23, 30, tzinfo=UTC), date(2025, 10, 26)),
    (datetime(2024, 3, 31, 23, 30, tzinfo=UTC), date(2024, 4, 1)),  # the 31st is a Sunday
    (datetime(2021, 10, 31, 23, 30, tzinfo=UTC), date(2021, 10, 31)),
]


@pytest.mark.parametrize(("instant", "day"), NIGHTS)
def test_the_day_of_recording_is_londons(
    story: Book, connection: sa.Connection, instant: datetime, day: date
) -> None:
    on_sqlite = connection.dialect.name == "sqlite"
    at = str(int(instant.timestamp()) * 1_000_000) if on_sqlite else f"'{instant.isoformat()}'"

    def void(key: str, effective: date) -> str:
        written = header(key, "NULL", "void", effective=f"'{effective}'")
        return written.replace("SELECT recorded_at", f"SELECT {at}")

    by = "is effective in the future", "effective date in the future"
    refused(connection, void("x", day + timedelta(days=1)), by=by)
    accepted(connection, void("x", day))
