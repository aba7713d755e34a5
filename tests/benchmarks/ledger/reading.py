"""Reading from a small and from a large ledger, and verifying beside a bare sum."""

from __future__ import annotations

import random
import resource
import statistics
import time
from collections.abc import Callable
from datetime import date

import psycopg
import sqlalchemy as sa

from ledger import Book, schema
from tests.benchmarks.ledger.contenders import engine_for, plain
from tests.benchmarks.ledger.held import fill_held
from tests.databases import PostgresCluster

SMALL = 10_000
ACCOUNTS = 100  # so that at both sizes an account has more than a page
CALLS = 40
_TABLES = (
    "ledger_account",
    "ledger_account_event",
    "ledger_balance",
    "ledger_transaction",
    "ledger_entry",
)

_YEAR = date(2020, 1, 1), date(2020, 12, 31)  # of the small ledger all, of the large one most

# Transaction n moves one minute from account n to its neighbour, so every account gives and takes
# in turn: its entry by turn is the version, and the balance is -1 or 0 after it.
_FILL = """
INSERT INTO ledger_account (code, name, opened_at)
  SELECT 'a:' || n, '', '2020-01-01' FROM generate_series(0, {accounts} - 1) n;
INSERT INTO ledger_transaction (recorded_at, xid, effective, entry_count, action, kind, key,
                                digest, memo, actor, reference)
  SELECT timestamptz '2020-01-01' + n * interval '10 s', 3, ((timestamptz '2020-01-01'
         + n * interval '10 s') AT TIME ZONE 'Europe/London')::date, 2, 'post',
         'transfer', 'k:' || n, '', '', '', ''
    FROM generate_series(0, {transactions} - 1) n;
INSERT INTO ledger_entry (account_id, version, transaction_id, amount, balance, recorded_at, line,
                          entry_count)
  SELECT a.id, 2 * (n / {accounts}) + CASE WHEN line = 1 THEN 1 + (n % {accounts} > 0)::int
                                           ELSE 1 + (n % {accounts} = {accounts} - 1)::int END,
         t.id, 2 * line - 3, CASE WHEN line = 1 AND n % {accounts} > 0
           OR line = 2 AND n % {accounts} = {accounts} - 1 THEN 0 ELSE 2 * line - 3 END,
         t.recorded_at, line, 2
    FROM (SELECT id, recorded_at, row_number() OVER (ORDER BY id) - 1 AS n
            FROM ledger_transaction) t
    CROSS JOIN generate_series(1, 2) line
    JOIN ledger_account a ON a.id = (n + line - 1) % {accounts} + {first};
INSERT INTO ledger_balance (account_id, status, floor, posted, held_out, held_in, version,
                            recorded_at)
  SELECT a.id, 'open', -100, e.balance, 0, 0, e.version, e.recorded_at
    FROM ledger_account a CROSS JOIN LATERAL (
      SELECT balance, version, recorded_at FROM ledger_entry WHERE account_id = a.id
       ORDER BY version DESC LIMIT 1) e;
INSERT INTO ledger_transaction (recorded_at, xid, effective, action, kind, key, digest, memo,
                                actor, reference)
  SELECT opened_at, 3, '2020-01-01', 'open', 'account', 'open:' || code, '', '', '', ''
    FROM ledger_account;
INSERT INTO ledger_account_event (transaction_id, account_id, status, name, floor, version)
  SELECT t.id, a.id, 'open', '', -100, 0
    FROM ledger_account a JOIN ledger_transaction t ON t.key = 'open:' || a.code;
"""


def reading(cluster: PostgresCluster, entries: int) -> None:
    """Time balance, available, a statement page and a journal page at two sizes, in turns."""
    with cluster.database() as small, cluster.database() as large:
        fill(small, SMALL)
        fill(large, entries)
        engines = engine_for(small), engine_for(large)
        with engines[0].connect() as first, engines[1].connect() as second:
            print(f"\nMilliseconds a question        {SMALL:>12,} {entries:>12,}  ratio")
            for name, ask in _QUESTIONS.items():
                times = _in_turns(ask, Book(first), Book(second))
                print(f"{name:<30} {times[0]:>12.2f} {times[1]:>12.2f} {times[1] / times[0]:>6.2f}")
        print(f"\nVerifying                      {'entries/s':>12} {'bare sum':>12}  ratio")
        verifying("transfers", engines[1], entries)
        for engine in engines:
            engine.dispose()
    with cluster.database() as held:
        fill_held(held, entries, ACCOUNTS)
        engine = engine_for(held)
        verifying("settled holds alone", engine, entries)
        engine.dispose()


_QUESTIONS: dict[str, Callable[[Book, str], object]] = {
    "balance": lambda book, code: book.balance(code),
    "available": lambda book, code: book.account(code).available,
    "a statement page": lambda book, code: book.statement(code, newest_first=True),
    "a journal page": lambda book, code: book.journal(),
    "one of an account": lambda book, code: book.journal(account=code),
    "one of an account, in dates": lambda book, code: book.journal(
        account=code, start=_YEAR[0], end=_YEAR[1]
    ),
}


def _in_turns(ask: Callable[[Book, str], object], *books: Book) -> list[float]:
    """The median time of a question to each book, in milliseconds."""
    chance = random.Random(1)
    took: list[list[float]] = [[] for _ in books]
    for call in range(CALLS + 5):
        code = f"a:{chance.randrange(ACCOUNTS)}"
        for book, times in zip(books, took, strict=True):
            start = time.perf_counter()
            ask(book, code)
            if call >= 5:
                times.append(time.perf_counter() - start)
    return [statistics.median(times) * 1000 for times in took]


def verifying(name: str, engine: sa.Engine, entries: int) -> None:
    """Rows a second of verification beside the barest sum over the same rows, and its memory."""
    with engine.connect() as connection:
        start = time.perf_counter()
        connection.exec_driver_sql(
            "SELECT account_id, sum(amount) FROM ledger_entry GROUP BY account_id"
        ).all()
        bare = time.perf_counter() - start
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        start = time.perf_counter()
        report = Book(connection).verify()
        took = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:<30} {entries / took:>12,.0f} {entries / bare:>12,.0f} {bare / took:>6.2f}")
    print(
        f"  {report.total} faults; peak memory of the process"
        f" {before:.0f} MB before, {after:.0f} MB after"
    )


def fill(url: str, entries: int) -> None:
    """A book of so many entries, written in bulk with its guards switched off for the while."""
    engine = engine_for(url)
    with engine.begin() as connection:
        schema.install(connection)
    engine.dispose()
    with psycopg.connect(plain(url), autocommit=True) as connection:
        for table in _TABLES:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for statement in _FILL.format(accounts=ACCOUNTS, transactions=entries // 2, first=1).split(
            ";\n"
        ):
            if statement.strip():
                connection.execute(statement)
        for table in _TABLES:
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
            connection.execute(f"VACUUM ANALYZE {table}")
    engine = engine_for(url)
    with engine.begin() as connection:
        schema.install(connection)
        wrong = connection.exec_driver_sql(
            "SELECT count(*) FROM (SELECT version, balance, row_number() OVER own AS place,"
            " sum(amount) OVER own AS running FROM ledger_entry"
            " WINDOW own AS (PARTITION BY account_id ORDER BY version)) e"
            " WHERE version <> place OR balance <> running"
        ).scalar()
        assert wrong == 0
    engine.dispose()
