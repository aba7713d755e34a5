"""Batches of a thousand, beside one bare set-based statement that writes the same."""

from __future__ import annotations

import itertools
import random
import time

import psycopg

from ledger import Book, NewTransaction, Posting
from tests.benchmarks.ledger.contenders import engine_for, plain

BATCH = 1000

_TABLES = """
CREATE TABLE set_account (
  id bigint PRIMARY KEY, balance bigint NOT NULL CHECK (balance > -1000000000000),
  version bigint NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE set_transaction (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text NOT NULL UNIQUE,
  at timestamptz NOT NULL
);
CREATE TABLE set_entry (
  account_id bigint, version bigint, transaction_id bigint NOT NULL, amount bigint NOT NULL,
  balance bigint NOT NULL, PRIMARY KEY (account_id, version)
);
"""

_STATEMENT = """
WITH given AS (
  SELECT * FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::bigint[]) WITH ORDINALITY
    AS g (key, source, target, amount, place)),
locked AS (
  SELECT id, balance, version FROM set_account
   WHERE id IN (SELECT source FROM given UNION SELECT target FROM given)
   ORDER BY id FOR NO KEY UPDATE),
written AS (
  INSERT INTO set_transaction (key, at) SELECT key, clock_timestamp() FROM given ORDER BY place
  RETURNING id, key),
line AS (
  SELECT g.place, w.id, g.source AS account_id, -g.amount AS amount FROM given g
    JOIN written w USING (key)
  UNION ALL SELECT g.place, w.id, g.target, g.amount FROM given g JOIN written w USING (key)),
entered AS (
  INSERT INTO set_entry (account_id, version, transaction_id, amount, balance)
  SELECT l.account_id, k.version + row_number() OVER own, l.id, l.amount,
         k.balance + sum(l.amount) OVER own
    FROM line l JOIN locked k ON k.id = l.account_id
  WINDOW own AS (PARTITION BY l.account_id ORDER BY l.place, l.amount)
  RETURNING account_id)
UPDATE set_account a SET balance = a.balance + m.change, version = a.version + m.lines
  FROM (SELECT account_id, sum(amount) AS change, count(*) AS lines FROM line GROUP BY 1) m
 WHERE a.id = m.account_id
"""


def our_rate(url: str, accounts: int, seconds: float, turn: int) -> float:
    """Transfers a second through ``post_many``, a thousand a call, from one process."""
    engine = engine_for(url)
    chance = random.Random(1)
    numbers = itertools.count()
    with engine.connect() as connection:
        book = Book(connection)

        def batch() -> None:
            postings = []
            for _ in range(BATCH):
                source, target = chance.sample(range(accounts), 2)
                lines = [Posting(f"a:{source}", -1), Posting(f"a:{target}", 1)]
                postings.append(NewTransaction(postings=lines, key=f"bulk:{turn}:{next(numbers)}"))
            book.post_many(postings)
            connection.commit()

        batch()
        return _rate(batch, seconds)


def prepare_bare(url: str, accounts: int) -> None:
    """The bare statement's tables, with so many accounts."""
    with psycopg.connect(plain(url)) as connection:
        connection.execute(_TABLES)
        connection.execute(
            "INSERT INTO set_account SELECT n, 0, 0 FROM generate_series(0, %s - 1) n", (accounts,)
        )


def bare_rate(url: str, accounts: int, seconds: float, turn: int) -> float:
    """Transfers a second of the bare statement, a thousand a statement, from one process."""
    chance = random.Random(1)
    numbers = itertools.count()
    with psycopg.connect(plain(url)) as connection:

        def batch() -> None:
            keys = [f"bulk:{turn}:{next(numbers)}" for _ in range(BATCH)]
            pairs = [chance.sample(range(accounts), 2) for _ in range(BATCH)]
            connection.execute(
                _STATEMENT,
                (keys, [s for s, _ in pairs], [t for _, t in pairs], [1] * BATCH),
            )
            connection.commit()

        batch()
        return _rate(batch, seconds)


def _rate(batch: object, seconds: float) -> float:
    assert callable(batch)
    start = time.perf_counter()
    batches = 0
    while (took := time.perf_counter() - start) < seconds:
        batch()
        batches += 1
    return batches * BATCH / took
