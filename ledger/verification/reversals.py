"""Reversals: once only, and the exact contrary."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from ledger.types import Fault
from ledger.verification.faults import found_rarely

_TWICE = """
SELECT 'double-reversal', 'transaction ' || id, 'it reverses transaction ' || reverses_id
       || CASE WHEN first <> id THEN ', which transaction ' || first || ' reversed before'
               ELSE ', itself a reversal' END
  FROM (SELECT r.id, r.reverses_id, o.action,
               min(r.id) OVER (PARTITION BY r.reverses_id) AS first
          FROM ledger_transaction r LEFT JOIN ledger_transaction o ON o.id = r.reverses_id
         WHERE r.reverses_id IS NOT NULL) reversal
 WHERE first <> id OR action = 'reverse'
"""

_CONTRARY = """
SELECT 'altered-transaction', 'transaction ' || r.id,
       'it is not the exact contrary of transaction ' || r.reverses_id
  FROM ledger_transaction r LEFT JOIN ledger_transaction o ON o.id = r.reverses_id
 WHERE r.reverses_id IS NOT NULL
   AND (o.entry_count IS NULL OR o.entry_count <> r.entry_count OR EXISTS (
     SELECT 1 FROM ledger_entry was
       LEFT JOIN ledger_entry now ON now.transaction_id = r.id AND now.line = was.line
             AND now.account_id = was.account_id AND now.amount = -was.amount
      WHERE was.transaction_id = r.reverses_id AND now.line IS NULL))
"""


def twice(connection: sa.Connection) -> Iterator[Fault]:
    """Nothing is reversed twice, and no reversal is reversed."""
    yield from found_rarely(connection, _TWICE)


def not_contrary(connection: sa.Connection) -> Iterator[Fault]:
    """A reversal has the lines of its original with their signs turned."""
    yield from found_rarely(connection, _CONTRARY)
