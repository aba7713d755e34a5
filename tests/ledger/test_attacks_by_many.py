"""Raw SQL that writes many transactions by one statement: one that is wrong is refused with all."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ledger import Book, NewTransaction, Posting

A, B = "school:a", "school:b"
LINES = "does not have the lines that belong to it"
NO_LINE = "has no line"

# Thirty transfers between two accounts; the columns named can be given to the thirteenth.
MANY = """
WITH planned AS (
  SELECT n, clock_timestamp() AS instant, CASE WHEN n = 13 THEN {header_count} ELSE 2 END AS lines
    FROM generate_series(1, 30) AS n),
header AS (
  INSERT INTO ledger_transaction (key, digest, action, kind, memo, effective, recorded_at, actor,
                                  reference, entry_count, reverses_id, override_actor)
  SELECT 'many:' || n, ''::bytea, CASE WHEN n = 13 THEN {action} ELSE 'post' END, 'x', '',
         (instant AT TIME ZONE 'Europe/London')::date + CASE WHEN n = 13 THEN {days} ELSE 0 END,
         instant + CASE WHEN n = 13 THEN {later} ELSE interval '0' END, '', '', lines,
         CASE WHEN n = 13 THEN {reverses} END, CASE WHEN n = 13 THEN {override} END
    FROM planned
  RETURNING id, key)
INSERT INTO ledger_entry (account_id, version, transaction_id, amount, balance, recorded_at, line,
                          entry_count)
SELECT CASE WHEN n = 13 AND line = 2 THEN coalesce({account}, a.id) ELSE a.id END, 1000 + n,
       header.id, CASE WHEN n = 13 THEN {amount} ELSE 2 * line - 3 END, 0,
       instant + CASE WHEN n = 13 THEN {line_later} ELSE interval '0' END,
       CASE WHEN n = 13 THEN {line} ELSE line END, CASE WHEN n = 13 THEN {count} ELSE 2 END
  FROM planned JOIN header ON header.key = 'many:' || n, generate_series(1, 2) AS line
  JOIN ledger_account a ON a.code = CASE line WHEN 1 THEN 'school:a' ELSE 'school:b' END
 WHERE n <> 13 OR {there}
"""
RIGHT = {
    "header_count": "2",
    "action": "'post'",
    "days": "0",
    "later": "interval '0'",
    "reverses": "NULL::bigint",
    "override": "NULL::text",
    "account": "NULL::bigint",
    "amount": "2 * line - 3",
    "line_later": "interval '0'",
    "line": "line",
    "count": "2",
    "there": "true",
}


@pytest.fixture
def many(book: Book, connection: sa.Connection) -> sa.Connection:
    """The connection to a book on PostgreSQL: SQLite's guards look at each row by itself."""
    if connection.dialect.name != "postgresql":
        pytest.skip("SQLite guards each row by itself")
    book.transfer(A, B, 1, key="t")
    connection.commit()
    return connection


@pytest.mark.postgresql
def test_many_transactions_that_are_right_are_accepted(many: sa.Connection) -> None:
    many.exec_driver_sql(MANY.format(**RIGHT))
    many.commit()
    count = "SELECT count(*) FROM ledger_transaction WHERE key LIKE 'many:%%'"
    assert many.exec_driver_sql(count).scalar_one() == 30


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("wrong", "by"),
    [
        ({"amount": "line"}, LINES),
        ({"amount": "0"}, NO_LINE),
        ({"account": "999"}, LINES),
        ({"there": "line = 1"}, LINES),
        ({"there": "false"}, LINES),
        ({"header_count": "3"}, LINES),
        ({"header_count": "NULL"}, LINES),
        ({"count": "3"}, NO_LINE),
        ({"line": "line + 1"}, NO_LINE),
        ({"line_later": "interval '1 hour'"}, NO_LINE),
        ({"line_later": "(line - 1) * interval '1 hour'"}, NO_LINE),
        ({"action": "'hold'"}, LINES),
        ({"action": "'reverse'"}, "reverses what cannot be reversed"),
        ({"reverses": "1"}, "reverses what cannot be reversed"),
        ({"override": "'head'"}, "overrides a limit without naming who and why"),
        ({"later": "interval '1 hour'"}, "is recorded ahead of the clock"),
        ({"days": "2"}, "is effective in the future"),
    ],
    ids=str,
)
def test_one_that_is_wrong_is_refused_with_all(
    many: sa.Connection, wrong: dict[str, str], by: str
) -> None:
    with pytest.raises(sa.exc.IntegrityError, match=by):
        many.exec_driver_sql(MANY.format(**RIGHT | wrong))


@pytest.mark.postgresql
def test_lines_without_any_header_are_refused(many: sa.Connection) -> None:
    with pytest.raises(sa.exc.IntegrityError, match=NO_LINE):
        many.exec_driver_sql(
            "INSERT INTO ledger_entry (account_id, version, transaction_id, amount, balance,"
            " recorded_at, line, entry_count) SELECT 1, 1000 + n * 2 + line, 5000 + n,"
            " 2 * line - 3, 0, clock_timestamp(), line, 2"
            " FROM generate_series(1, 30) AS n, generate_series(1, 2) AS line"
        )


@pytest.mark.postgresql
def test_a_batch_of_today_locks_nothing_that_a_close_waits_for(
    many: sa.Connection, book: Book
) -> None:
    lines = [Posting(A, -1), Posting(B, 1)]
    book.post_many([NewTransaction(postings=lines, key=str(n)) for n in range(30)])
    with many.engine.begin() as other:
        other.exec_driver_sql("SELECT 1 FROM ledger_book FOR UPDATE NOWAIT")
