"""Holds: their parts go on from one another, and the working set and the balances agree."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from ledger.types import Fault
from ledger.verification.faults import found_rarely
from ledger.verification.limits import HOLD_STATE

_PART = """
WITH before AS (
  SELECT p.hold_id, p.part, p.transaction_id, p.settled, p.remaining, p.state, p.expires_at,
         h.minutes, h.source_id, h.target_id, t.action, t.recorded_at,
         coalesce(b.part, 0) AS part_before, coalesce(b.settled, 0) AS settled_before,
         coalesce(b.remaining, h.minutes) AS remaining_before,
         CASE WHEN b.part IS NULL THEN h.expires_at ELSE b.expires_at END AS expires_before
    FROM ledger_hold_part p JOIN ledger_hold h ON h.id = p.hold_id
    LEFT JOIN ledger_hold_part b ON b.hold_id = p.hold_id AND b.part = p.part - 1
    LEFT JOIN ledger_transaction t ON t.id = p.transaction_id),
part AS (
  SELECT before.*, settled - settled_before AS moved,
         coalesce(expires_at = expires_before, expires_at IS NULL AND expires_before IS NULL)
           AS expires_as_before
    FROM before)
"""

_PARTS = f"""
{_PART}
SELECT CASE WHEN remaining_before = 0 OR expires_before <= recorded_at THEN 'double-settle'
            WHEN moved > remaining_before OR moved + remaining > remaining_before
                 OR settled > minutes THEN 'hold-overdrawn'
            ELSE 'altered-hold' END,
       'hold ' || hold_id || ', part ' || part,
       CASE WHEN remaining_before = 0 THEN 'transaction ' || transaction_id
                 || ' resolves the hold after its end'
            WHEN expires_before <= recorded_at THEN 'transaction ' || transaction_id
                 || ' resolves the hold after it expired'
            ELSE coalesce(action, 'nothing') || ' to settled ' || settled || ', remaining '
                 || remaining || ', ' || state || ' does not follow from part ' || part_before
                 || ': settled ' || settled_before || ', remaining ' || remaining_before END
  FROM part
 WHERE part <> part_before + 1 OR remaining_before = 0 OR expires_before <= recorded_at
    OR settled > minutes
    OR NOT CASE action
             WHEN 'settle' THEN moved BETWEEN 1 AND remaining_before
               AND remaining IN (0, remaining_before - moved)
               AND state = CASE WHEN remaining > 0 THEN 'open' ELSE 'settled' END
               AND expires_as_before
             WHEN 'void' THEN moved = 0 AND remaining = 0 AND state = 'voided'
               AND expires_as_before
             WHEN 'extend' THEN moved = 0 AND remaining = remaining_before AND state = 'open'
             ELSE 1 = 0 END
"""  # noqa: S608

_SETTLEMENTS = f"""
{_PART}
SELECT 'altered-transaction', 'transaction ' || p.transaction_id,
       'its entries are not the ' || p.moved || ' minutes that part ' || p.part || ' of hold '
       || p.hold_id || ' settled'
  FROM part p
  LEFT JOIN ledger_entry o ON o.transaction_id = p.transaction_id AND o.line = 1
        AND o.account_id = p.source_id AND o.amount = -p.moved
  LEFT JOIN ledger_entry i ON i.transaction_id = p.transaction_id AND i.line = 2
        AND i.account_id = p.target_id
        AND (i.amount = p.moved OR (i.entry_count = 3 AND i.amount BETWEEN 1 AND p.moved - 1))
 WHERE p.action = 'settle' AND (o.line IS NULL OR i.line IS NULL)
"""  # noqa: S608

_WITHOUT_HISTORY = """
SELECT CASE WHEN t.action = 'settle' THEN 'double-settle' ELSE 'altered-hold' END,
       'transaction ' || t.id, 'it is a ' || t.action || ', but no part of a hold'
  FROM ledger_transaction t LEFT JOIN ledger_hold_part p ON p.transaction_id = t.id
 WHERE t.action IN ('settle', 'void', 'extend') AND p.hold_id IS NULL
UNION ALL
SELECT 'altered-hold', 'transaction ' || t.id, 'it makes a hold that is not there'
  FROM ledger_transaction t LEFT JOIN ledger_hold h ON h.id = t.id
 WHERE t.action = 'hold' AND h.id IS NULL
UNION ALL
SELECT 'altered-hold', 'hold ' || h.id, 'no transaction makes it'
  FROM ledger_hold h LEFT JOIN ledger_transaction t ON t.id = h.id AND t.action = 'hold'
 WHERE t.id IS NULL
UNION ALL
SELECT 'altered-hold', 'hold ' || p.hold_id || ', part ' || p.part, 'the hold is not there'
  FROM ledger_hold_part p LEFT JOIN ledger_hold h ON h.id = p.hold_id WHERE h.id IS NULL
"""

# An expired hold may be there still, on one side or both, or have been released.
_WORKING_SET = f"""
WITH {HOLD_STATE},
side AS (
  SELECT id, source_id AS account_id, 'out' AS side, remaining, expires_at FROM hold_state
  UNION ALL SELECT id, target_id, 'in', remaining, expires_at FROM hold_state),
wrong AS (
  SELECT s.account_id, s.id FROM side s
    LEFT JOIN ledger_held h ON h.account_id = s.account_id AND h.hold_id = s.id
    LEFT JOIN ledger_balance b ON b.account_id = s.account_id
   WHERE h.hold_id IS NULL
     AND (s.expires_at IS NULL OR (s.expires_at > {{now}} AND s.expires_at > b.recorded_at))
  UNION ALL
  SELECT h.account_id, h.hold_id FROM ledger_held h
    LEFT JOIN side s ON s.account_id = h.account_id AND s.id = h.hold_id AND s.side = h.side
     AND s.remaining = h.minutes
     AND coalesce(s.expires_at = h.expires_at, s.expires_at IS NULL AND h.expires_at IS NULL)
   WHERE s.id IS NULL)
SELECT 'drifted-held', 'account ' || a.code || ', hold ' || w.id,
       'what is kept as held is not what the hold still reserves'
  FROM wrong w JOIN ledger_account a ON a.id = w.account_id
"""  # noqa: S608

_HELD = """
SELECT 'drifted-held', 'account ' || a.code,
       'the balance row says ' || b.held_out || ' held out and ' || b.held_in
       || ' held in, the holds ' || coalesce(h.out_of, 0) || ' and ' || coalesce(h.in_to, 0)
  FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
  LEFT JOIN (SELECT account_id, sum(CASE WHEN side = 'out' THEN minutes ELSE 0 END) AS out_of,
                    sum(CASE WHEN side = 'in' THEN minutes ELSE 0 END) AS in_to
               FROM ledger_held GROUP BY account_id) h ON h.account_id = b.account_id
 WHERE b.held_out <> coalesce(h.out_of, 0) OR b.held_in <> coalesce(h.in_to, 0)
"""


def parts(connection: sa.Connection) -> Iterator[Fault]:
    """Each part of a hold follows from the one before, in time, and nothing follows its end."""
    yield from found_rarely(connection, _PARTS)


def settlements(connection: sa.Connection) -> Iterator[Fault]:
    """A settlement moves what its part of the hold settled, between the hold's accounts.

    A levy takes its share of what the target gets, as a third line; that the lines sum to zero
    proves its amount.
    """
    yield from found_rarely(connection, _SETTLEMENTS)


def without_history(connection: sa.Connection) -> Iterator[Fault]:
    """Holds, their parts and the transactions that made them belong together, one to one."""
    yield from found_rarely(connection, _WITHOUT_HISTORY)


def histories(connection: sa.Connection) -> Iterator[Fault]:
    """All that holds, their parts and their transactions have to agree in."""
    yield from parts(connection)
    yield from settlements(connection)
    yield from without_history(connection)


def working_set(connection: sa.Connection) -> Iterator[Fault]:
    """What is kept as held is what the holds still reserve."""
    # The same clock as everywhere in the book; what it calls expired may have been released.
    exact = connection.dialect.name == "postgresql"
    now = "clock_timestamp()" if exact else "CAST((julianday('now') - 2440587.5) * 864e8 AS int)"
    yield from found_rarely(connection, _WORKING_SET.format(now=now))


def held_on_accounts(connection: sa.Connection) -> Iterator[Fault]:
    """What a balance row says is held is what is kept as held."""
    yield from found_rarely(connection, _HELD)
