"""Statuses: nothing new went on an account while it was frozen, or after it was closed."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from ledger.types import Fault
from ledger.verification.faults import found_rarely

_WHILE_SHUT = """
   AND t.recorded_at > s.recorded_at
   AND (s.next_recorded IS NULL OR t.recorded_at <= s.next_recorded)
"""

# While an account is not open its version goes on only by settlements, so that hardly an entry is
# looked at. A levy is the third line of one, and no part of the hold.
_NOT_OPEN = f"""
WITH told AS (
  SELECT v.account_id, v.status, v.version, t.recorded_at,
         lead(v.version) OVER own AS next_version, lead(t.recorded_at) OVER own AS next_recorded
    FROM ledger_account_event v JOIN ledger_transaction t ON t.id = v.transaction_id
  WINDOW own AS (PARTITION BY v.account_id ORDER BY v.transaction_id)),
shut AS (
  SELECT a.code, told.* FROM told JOIN ledger_account a ON a.id = told.account_id
   WHERE told.status <> 'open')
SELECT 'account-not-open', 'account ' || s.code || ', version ' || e.version,
       'transaction ' || e.transaction_id || ' moved ' || e.amount || ' while it was ' || s.status
  FROM shut s JOIN ledger_entry e ON e.account_id = s.account_id AND e.version > s.version
   AND (s.next_version IS NULL OR e.version <= s.next_version)
  JOIN ledger_transaction t ON t.id = e.transaction_id
 WHERE t.action <> 'settle' OR e.line > 2
UNION ALL
SELECT 'account-not-open', 'account ' || s.code || ', hold ' || h.id,
       'it was made while the account was ' || s.status
  FROM shut s JOIN ledger_hold h ON h.source_id = s.account_id
  JOIN ledger_transaction t ON t.id = h.id {_WHILE_SHUT}
UNION ALL
SELECT 'account-not-open', 'account ' || s.code || ', hold ' || h.id,
       'it was made while the account was ' || s.status
  FROM shut s JOIN ledger_hold h ON h.target_id = s.account_id
  JOIN ledger_transaction t ON t.id = h.id {_WHILE_SHUT}
"""  # noqa: S608


def not_open(connection: sa.Connection) -> Iterator[Fault]:
    """No posting or hold was made on an account that was frozen or closed at the time.

    Yields:
        Faults of the kind ``account-not-open``.
    """
    yield from found_rarely(connection, _NOT_OPEN)
