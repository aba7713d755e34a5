"""Entries, their transactions and balances, row by row: the exact checks."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from ledger.schema.days import day_sql
from ledger.types import Fault
from ledger.verification.faults import found

# An entry is called altered if its balance follows neither from the entry before nor from the
# one before that: so of a row with a wrong balance and the sound one after it, only the first is
# named.
_CHAIN = """
SELECT CASE WHEN version <> before + 1 THEN 'missing-version' ELSE 'altered-entry' END,
       'account ' || coalesce(code, '#' || account_id) || ', version ' || version,
       CASE WHEN version <> before + 1 THEN 'the version before it is ' || before
            ELSE 'the balance after it is ' || balance || '; before it was ' || balance_before
                 || ', and its amount is ' || amount END
  FROM (SELECT a.code, e.account_id, e.version, e.amount, e.balance,
               lag(e.version, 1, {zero}) OVER own AS before,
               lag(e.balance, 1, {zero}) OVER own AS balance_before,
               lag(e.balance, 2, {zero}) OVER own AS balance_earlier,
               lag(e.amount, 1, {zero}) OVER own AS amount_before
          FROM ledger_entry e LEFT JOIN ledger_account a ON a.id = e.account_id {some}
        WINDOW own AS (PARTITION BY e.account_id ORDER BY e.version)) chain
 WHERE version <> before + 1
    OR (balance <> {sum} balance_before + amount
        AND balance <> {sum} balance_earlier + amount_before + amount)
"""

_BALANCES = """
SELECT CASE WHEN b.version > coalesce(e.version, 0) THEN 'missing-version'
            ELSE 'drifted-balance' END,
       'account ' || a.code,
       CASE WHEN b.account_id IS NULL THEN 'it has no balance row'
            WHEN b.version = e.version AND b.posted = e.balance
            THEN 'its last entry was recorded after the balance row says'
            ELSE 'the balance row says ' || b.posted || ' at version ' || b.version
                 || ', its last entry ' || coalesce(e.balance, 0) || ' at version '
                 || coalesce(e.version, 0) END
  FROM ledger_account a
  LEFT JOIN ledger_balance b ON b.account_id = a.id
  LEFT JOIN ledger_entry e ON e.account_id = a.id
        AND e.version = (SELECT max(version) FROM ledger_entry WHERE account_id = a.id)
 WHERE (b.account_id IS NULL OR b.version <> coalesce(e.version, 0)
        OR b.posted <> coalesce(e.balance, 0) OR b.recorded_at < e.recorded_at) {some}
UNION ALL
SELECT 'drifted-balance', 'account #' || e.account_id, 'it has entries, but is not there'
  FROM ledger_entry e
 WHERE e.version = 1 AND NOT EXISTS (SELECT 1 FROM ledger_account WHERE id = e.account_id)
"""

_TRANSACTIONS = """
WITH lines AS (
  SELECT transaction_id, count(*) AS lines, sum(amount) AS total,
         min(entry_count) AS least_count, max(entry_count) AS most_count,
         min(recorded_at) AS first, max(recorded_at) AS last
    FROM ledger_entry GROUP BY transaction_id)
SELECT 'incomplete-transaction', 'transaction ' || l.transaction_id,
       CASE WHEN t.id IS NULL THEN 'it has ' || l.lines || ' lines and no header'
            ELSE 'it has ' || l.lines || ' of ' || coalesce(t.entry_count, 0) || ' lines' END
  FROM lines l LEFT JOIN ledger_transaction t ON t.id = l.transaction_id
 WHERE t.id IS NULL OR l.lines <> coalesce(t.entry_count, 0)
    OR l.least_count <> t.entry_count OR l.most_count <> t.entry_count
UNION ALL
SELECT 'incomplete-transaction', 'transaction ' || t.id,
       'it has none of ' || t.entry_count || ' lines'
  FROM ledger_transaction t
 WHERE t.entry_count > 0
   AND NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.transaction_id = t.id)
UNION ALL
SELECT 'unbalanced-transaction', 'transaction ' || transaction_id, 'its lines sum to ' || total
  FROM lines WHERE total <> 0
UNION ALL
SELECT 'altered-transaction', 'transaction ' || t.id,
       'it and its entries were recorded at different instants'
  FROM lines l JOIN ledger_transaction t ON t.id = l.transaction_id
 WHERE l.first <> t.recorded_at OR l.last <> t.recorded_at
"""

_TIME = """
SELECT 'time-backwards', 'account ' || code || ', version ' || version,
       'it was recorded before the version before it'
  FROM (SELECT a.code, e.version, e.recorded_at,
               lag(e.recorded_at) OVER (PARTITION BY e.account_id ORDER BY e.version) AS before
          FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id {some}) walked
 WHERE recorded_at < before
"""

_AHEAD = """
SELECT 'clock-ahead', 'account ' || a.code, 'it was changed last at ' || {instant}
  FROM (SELECT account_id, recorded_at FROM ledger_balance WHERE recorded_at > {limit}) late
  JOIN ledger_account a ON a.id = late.account_id
UNION ALL
SELECT 'clock-ahead', 'transaction ' || id, 'it was recorded at ' || {instant}
  FROM ledger_transaction WHERE recorded_at > {limit}
UNION ALL
SELECT 'clock-ahead', 'account ' || a.code || ', version ' || version,
       'it was recorded at ' || {instant}
  FROM ledger_entry JOIN ledger_account a ON a.id = account_id WHERE recorded_at > {limit}
"""

_DATED_BACK = """
WITH dated_back AS (
  SELECT t.id, t.effective, {day} AS recorded_on FROM ledger_transaction t
   WHERE t.effective <> {day})
"""

_COMPARED = """,
compared AS (
  SELECT e.account_id, s.effective AS day, e.amount AS amount, 0 AS noted
    FROM dated_back s JOIN ledger_entry e ON e.transaction_id = s.id
  UNION ALL
  SELECT e.account_id, s.recorded_on, -e.amount, 0
    FROM dated_back s JOIN ledger_entry e ON e.transaction_id = s.id
  UNION ALL SELECT account_id, day, 0, amount FROM ledger_backdated)
SELECT 'drifted-backdated',
       'account ' || coalesce(max(a.code), '#' || c.account_id) || ', day ' || c.day,
       'noted is ' || sum(noted) || ', but the entries come to ' || sum(amount)
  FROM compared c LEFT JOIN ledger_account a ON a.id = c.account_id
 GROUP BY c.account_id, c.day HAVING sum(amount) <> sum(noted)
UNION ALL
SELECT 'altered-transaction', 'transaction ' || id,
       'it is effective on ' || effective || ', after it was recorded'
  FROM dated_back WHERE effective > recorded_on
"""

_PERIODS = """
SELECT 'closed-period', 'transaction ' || t.id,
       'it is effective on ' || t.effective || ', and was recorded after the period up to '
       || max(p.ends_on) || ' was closed'
  FROM ledger_period p JOIN ledger_transaction t
    ON t.effective <= p.ends_on AND t.recorded_at > p.closed_at
 GROUP BY t.id, t.effective
"""

_BOOK = """
SELECT 'nonzero-book', 'the book', 'all balances together are ' || sum(posted)
  FROM ledger_balance HAVING sum(posted) <> 0
"""


def along_accounts(connection: sa.Connection, ids: Sequence[int] | None) -> Iterator[Fault]:
    """Each entry goes on from the one before, and each balance row from the last."""
    exact = connection.dialect.name == "postgresql"
    chain = _CHAIN.format(
        zero="0::bigint" if exact else "0",
        sum="0::numeric +" if exact else "",  # what was tampered with must not overflow
        some="WHERE e.account_id = ANY (:ids)" if ids is not None else "",
    )
    balances = _BALANCES.format(some="AND a.id = ANY (:ids)" if ids is not None else "")
    values = {} if ids is None else {"ids": list(ids)}
    yield from found(connection, chain, **values)
    yield from found(connection, balances, **values)


def of_transactions(connection: sa.Connection) -> Iterator[Fault]:
    """Each transaction has all its lines, which sum to zero and share its instant."""
    yield from found(connection, _TRANSACTIONS)


def ahead_of_the_clock(connection: sa.Connection) -> Iterator[Fault]:
    """Nothing is recorded more than a second later than now."""
    if connection.dialect.name == "postgresql":
        instant = "to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')"
        limit = "clock_timestamp() + interval '1 second'"
    else:
        instant = "datetime(recorded_at / 1000000, 'unixepoch')"
        limit = "CAST((julianday('now') - 2440587.5) * 864e8 + 1e6 AS int)"
    yield from found(connection, _AHEAD.format(instant=instant, limit=limit))


def backdated(connection: sa.Connection) -> Iterator[Fault]:
    """What is effective on another day than it was recorded is noted, and not ahead of time."""
    sql = _DATED_BACK.format(day=day_sql(connection, "t.recorded_at")) + _COMPARED
    yield from found(connection, sql)


def closed_periods(connection: sa.Connection) -> Iterator[Fault]:
    """Nothing came into a period after it was closed."""
    yield from found(connection, _PERIODS)


def sum_of_the_book(connection: sa.Connection) -> Iterator[Fault]:
    """Money stays in the system."""
    yield from found(connection, _BOOK)


class Walk:
    """The order of time, on one account out of ``share``, drawn at random.

    No sum can prove an order that nothing else in the book repeats, so the entries have to be
    walked along their index, which costs far more than all the rest.
    """

    def __init__(self, share: int) -> None:
        self._share = share
        self.accounts = 0

    def __call__(self, connection: sa.Connection) -> Iterator[Fault]:
        """Yield the entries recorded before the one before them."""
        ids = list(connection.exec_driver_sql("SELECT id FROM ledger_account").scalars())
        if self._share == 1 or connection.dialect.name == "sqlite":
            self.accounts = len(ids)
            yield from found(connection, _TIME.format(some=""))
            return
        some = secrets.SystemRandom().sample(ids, -(-len(ids) // self._share))
        self.accounts = len(some)
        yield from found(connection, _TIME.format(some="WHERE e.account_id = ANY (:ids)"), ids=some)
