"""A large book of holds alone, each settled: what verifying has most work with."""

from __future__ import annotations

import psycopg

from ledger import schema
from tests.benchmarks.ledger.contenders import engine_for, plain

# Hold n holds one minute out of account n for its neighbour, and two seconds later it is settled,
# so that transactions are holds and settlements in turn, and every account gives and takes in turn.
_FILL = """
INSERT INTO ledger_account (code, name, opened_at)
  SELECT 'a:' || n, '', '2020-01-01' FROM generate_series(0, {accounts} - 1) n;
INSERT INTO ledger_transaction (recorded_at, xid, effective, entry_count, action, kind, key,
                                digest, memo, actor, reference)
  SELECT instant, 3, (instant AT TIME ZONE 'Europe/London')::date,
         CASE action WHEN 'settle' THEN 2 END, action, 'transfer', action || n, '', '', '', ''
    FROM generate_series(0, {holds} - 1) n
    CROSS JOIN LATERAL (VALUES ('hold', timestamptz '2020-01-01' + n * interval '10 s'),
                               ('settle', timestamptz '2020-01-01' + n * interval '10 s'
                                          + interval '2 s')) AS made (action, instant);
INSERT INTO ledger_hold (id, source_id, target_id, minutes)
  SELECT 2 * n + 1, n % {accounts} + 1, (n + 1) % {accounts} + 1, 1
    FROM generate_series(0, {holds} - 1) n;
INSERT INTO ledger_hold_part (hold_id, part, transaction_id, settled, remaining, state)
  SELECT id, 1, id + 1, 1, 0, 'settled' FROM ledger_hold;
INSERT INTO ledger_entry (account_id, version, transaction_id, amount, balance, recorded_at, line,
                          entry_count)
  SELECT (n + line - 1) % {accounts} + 1,
         2 * (n / {accounts}) + CASE WHEN line = 1 THEN 1 + (n % {accounts} > 0)::int
                                     ELSE 1 + (n % {accounts} = {accounts} - 1)::int END,
         t.id, 2 * line - 3, CASE WHEN line = 1 AND n % {accounts} > 0
           OR line = 2 AND n % {accounts} = {accounts} - 1 THEN 0 ELSE 2 * line - 3 END,
         t.recorded_at, line, 2
    FROM generate_series(0, {holds} - 1) n JOIN ledger_transaction t ON t.id = 2 * n + 2
    CROSS JOIN generate_series(1, 2) line;
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
    FROM ledger_account a JOIN ledger_transaction t ON t.key = 'open:' || a.code
"""


def fill_held(url: str, entries: int, accounts: int) -> None:
    """A book of so many entries, all of settled holds, written with its guards off for the while.

    That it is sound is for `verify` to say, which the benchmark asks anyway.
    """
    engine = engine_for(url)
    with engine.begin() as connection:
        schema.install(connection)
    with psycopg.connect(plain(url), autocommit=True) as connection:
        for table in schema.metadata.tables:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for statement in _FILL.format(accounts=accounts, holds=entries // 2).split(";\n"):
            connection.execute(statement)
        for table in schema.metadata.tables:
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
            connection.execute(f"VACUUM ANALYZE {table}")
    with engine.begin() as connection:
        schema.install(connection)
    engine.dispose()
