"""Accounts, periods and the book are what was last done to them, and each change is on record."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from ledger import schema
from ledger.types import Fault
from ledger.verification.faults import found

# Each value that may be missing is told as a text, so that both databases compare them alike.
_STANDING = (
    "{0}.status || ', name ' || {1}.name || ', floor ' || coalesce('' || {0}.floor, 'none')"
    " || ', ceiling ' || coalesce('' || {0}.ceiling, 'none')"
    " || ', soft floor ' || coalesce('' || {0}.soft_floor, 'none')"
    " || ', soft ceiling ' || coalesce('' || {0}.soft_ceiling, 'none')"
)

_DRIFTED = f"""
SELECT 'drifted-account', 'account ' || code,
       'it is ' || now || '; decided last was ' || coalesce(decided, 'nothing')
  FROM (SELECT a.code, {_STANDING.format("b", "a")} AS now, {_STANDING.format("v", "v")} AS decided
          FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
          LEFT JOIN ledger_account_event v ON v.account_id = b.account_id
           AND v.transaction_id = (SELECT max(transaction_id) FROM ledger_account_event
                                    WHERE account_id = b.account_id)) compared
 WHERE decided IS NULL OR decided <> now
"""  # noqa: S608

# What each action may make of an account. It is opened once, and first.
_EVENTS = """
SELECT 'altered-account', 'transaction ' || t.id,
       CASE WHEN v.transaction_id IS NULL THEN 'it is to ' || t.action || ' an account, but no'
                 || ' account has it'
            WHEN t.action NOT IN ({actions}) THEN 'it is a ' || t.action || ', and yet did'
                 || ' something to account ' || coalesce(a.code, '#' || v.account_id)
            ELSE 'it cannot ' || t.action || ' account ' || coalesce(a.code, '#' || v.account_id)
                 || ', which was ' || coalesce(w.status, 'not there') || ', so that it is '
                 || v.status || ' at version ' || v.version END
  FROM ledger_transaction t
  LEFT JOIN ledger_account_event v ON v.transaction_id = t.id
  LEFT JOIN ledger_account a ON a.id = v.account_id
  LEFT JOIN ledger_account_event w ON w.account_id = v.account_id
   AND w.transaction_id = (SELECT max(transaction_id) FROM ledger_account_event
                            WHERE account_id = v.account_id AND transaction_id < v.transaction_id)
 WHERE t.kind <> 'transfer' AND (t.action IN ({actions}) OR v.transaction_id IS NOT NULL)
   AND (v.transaction_id IS NULL OR a.id IS NULL OR v.version < coalesce(w.version, 0)
        OR NOT CASE t.action
             WHEN 'open' THEN w.transaction_id IS NULL AND v.status = 'open' AND v.version = 0
             WHEN 'limits' THEN w.status IN ('open', 'frozen') AND v.status = w.status
               AND v.name = w.name
             WHEN 'rename' THEN w.status IN ('open', 'frozen') AND v.status = w.status
             WHEN 'freeze' THEN w.status = 'open' AND v.status = 'frozen'
             WHEN 'unfreeze' THEN w.status = 'frozen' AND v.status = 'open'
             WHEN 'close' THEN w.status IN ('open', 'frozen') AND v.status = 'closed'
             ELSE 1 = 0 END)
UNION ALL
SELECT 'altered-account', 'transaction ' || v.transaction_id,
       'it did something to an account, and is not there'
  FROM ledger_account_event v LEFT JOIN ledger_transaction t ON t.id = v.transaction_id
 WHERE t.id IS NULL OR t.kind = 'transfer'
"""

_PERIODS = """
SELECT 'altered-period', 'transaction ' || t.id,
       CASE WHEN p.ends_on IS NULL THEN 'it closed a period that is not there'
            ELSE 'it did not close the period to ' || p.ends_on || ' at the instant that has' END
  FROM ledger_transaction t LEFT JOIN ledger_period p ON p.transaction_id = t.id
 WHERE t.kind <> 'transfer' AND (t.action = 'close_period' OR p.ends_on IS NOT NULL)
   AND (p.ends_on IS NULL OR t.action <> 'close_period' OR p.closed_at <> t.recorded_at)
UNION ALL
SELECT 'altered-period', 'period to ' || p.ends_on, 'no transaction closed it'
  FROM ledger_period p LEFT JOIN ledger_transaction t ON t.id = p.transaction_id
 WHERE t.id IS NULL OR t.kind = 'transfer'
UNION ALL
SELECT 'altered-period', 'the book',
       'it counts ' || b.closings || ' closed periods, and has ' || p.closed
  FROM ledger_book b CROSS JOIN (SELECT count(*) AS closed FROM ledger_period) p
 WHERE b.closings <> p.closed
"""

# The checks above look transactions up by their kind, which an index has for all but transfers.
_AS_TRANSFERS = """
SELECT CASE WHEN t.action IN ({accounts}) THEN 'altered-account'
            WHEN t.action IN ({periods}) THEN 'altered-period'
            ELSE 'altered-transaction' END,
       'transaction ' || t.id,
       CASE WHEN t.action IN ({actions}) THEN 'it is to ' || t.action || ', and called a transfer'
            ELSE 'it is to ' || t.action || ', which is nothing that the ledger does' END
  FROM ledger_transaction t
 WHERE t.action NOT IN ({actions})
    OR (t.kind = 'transfer' AND t.action IN ({accounts})
        AND NOT EXISTS (SELECT 1 FROM ledger_account_event WHERE transaction_id = t.id))
    OR (t.kind = 'transfer' AND t.action IN ({periods})
        AND NOT EXISTS (SELECT 1 FROM ledger_period WHERE transaction_id = t.id))
"""

_BOOK = """
SELECT 'altered-book', 'the book', CASE WHEN b.rows_there <> 1 THEN 'it has ' || b.rows_there
       || ' rows of its own' ELSE 'it is said to be row ' || b.id || ' of version ' || b.version
       || ', sealed on server “' || b.server || '”' END
  FROM (SELECT count(*) AS rows_there, max(id) AS id, max(schema_version) AS version,
               max(server) AS server FROM ledger_book) b
 WHERE b.rows_there <> 1 OR b.id <> 1 OR b.version <> {version} {server}
"""


def drifted(connection: sa.Connection) -> Iterator[Fault]:
    """The name, the limits and the status in force are those last decided."""
    yield from found(connection, _DRIFTED)


def events(connection: sa.Connection) -> Iterator[Fault]:
    """What was done to accounts is on record, one to one, and follows from what was before."""
    yield from found(connection, _EVENTS.format(actions=texts(schema.ON_ACCOUNTS)))


def as_transfers(connection: sa.Connection) -> Iterator[Fault]:
    """What is done to accounts and periods is not called a transfer; each action is a known one."""
    sql = _AS_TRANSFERS.format(
        accounts=texts(schema.ON_ACCOUNTS),
        periods=texts(schema.ON_PERIODS),
        actions=texts(schema.MOVING + schema.ON_HOLDS + schema.ON_ACCOUNTS + schema.ON_PERIODS),
    )
    yield from found(connection, sql)


def book(connection: sa.Connection) -> Iterator[Fault]:
    """The book has one row, of this version; a server it was sealed on only on PostgreSQL.

    Yields:
        Faults of the kind ``altered-book``.
    """
    server = "OR b.server <> ''" if connection.dialect.name == "sqlite" else ""
    yield from found(connection, _BOOK.format(version=schema.VERSION, server=server))


def periods(connection: sa.Connection) -> Iterator[Fault]:
    """Each closed period has the transaction that closed it, and the book counts them."""
    yield from found(connection, _PERIODS)


def texts(words: tuple[str, ...]) -> str:
    """Words as a list in SQL."""
    return ", ".join(f"'{word}'" for word in words)
