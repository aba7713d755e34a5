"""Limits: whether every posting and hold kept to those of its time, holds counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from ledger.types import Fault
from ledger.verification.faults import found

# What each hold still reserves, and until when: as its last part says.
HOLD_STATE = """
hold_state AS (
  SELECT h.id, h.source_id, h.target_id,
         CASE WHEN p.part IS NULL THEN h.minutes ELSE p.remaining END AS remaining,
         CASE WHEN p.part IS NULL THEN h.expires_at ELSE p.expires_at END AS expires_at
    FROM ledger_hold h
    LEFT JOIN ledger_hold_part p ON p.hold_id = h.id
     AND p.part = (SELECT max(part) FROM ledger_hold_part WHERE hold_id = h.id)
   WHERE NOT EXISTS (SELECT 1 FROM ledger_hold_part WHERE hold_id = h.id AND remaining = 0))
"""

# PostgreSQL only: the accounts of `limited` that their lowest or highest balance would have taken
# beyond a limit together with the holds of some stretch of transactions: all that were made in it,
# and all that were made before and not ended before. An account's transactions are numbered in the
# order of time, because each gets its number while the account is locked. (A target is told from a
# source by its sign, because a text beside it would keep PostgreSQL from working in parallel.)
BUSY = """
lasting AS MATERIALIZED (
  SELECT h.source_id, h.target_id, h.minutes, h.id / :stretch AS first,
         p.transaction_id / :stretch AS last
    FROM ledger_hold h LEFT JOIN ledger_hold_part p ON p.hold_id = h.id AND p.remaining = 0
   WHERE (p.transaction_id / :stretch = h.id / :stretch) IS NOT TRUE),
made AS MATERIALIZED (
  SELECT side, stretch, sum(minutes) AS minutes
    FROM (SELECT source_id AS side, id / :stretch AS stretch, minutes FROM ledger_hold
          UNION ALL SELECT -target_id, id / :stretch, minutes FROM ledger_hold) sides
   GROUP BY side, stretch),
held AS (
  SELECT side, sum(made) + sum(sum(kept)) OVER (PARTITION BY side ORDER BY stretch) AS minutes
    FROM (SELECT side, stretch, minutes AS made, 0 AS kept FROM made
          UNION ALL SELECT source_id, first + 1, 0, minutes FROM lasting
          UNION ALL SELECT source_id, last + 1, 0, -minutes FROM lasting
          UNION ALL SELECT -target_id, first + 1, 0, minutes FROM lasting
          UNION ALL SELECT -target_id, last + 1, 0, -minutes FROM lasting) changes
   WHERE stretch IS NOT NULL GROUP BY side, stretch),
most AS MATERIALIZED (SELECT side, max(minutes) AS minutes FROM held GROUP BY side),
busy AS MATERIALIZED (
  SELECT l.account_id FROM limited l
    LEFT JOIN most o ON o.side = l.account_id
    LEFT JOIN most i ON i.side = -l.account_id
   WHERE l.lowest - coalesce(o.minutes, 0) < l.floor
      OR l.highest + coalesce(i.minutes, 0) > l.ceiling)
"""

# How much is held, change by change: when a hold is made, at each of its parts, and when what
# is left of it expires. At the same instant expiry comes first, as it does when posting.
_HOLD_CHANGES = f"""
{HOLD_STATE},
hold_change AS (
  SELECT h.source_id, h.target_id, t.recorded_at AS instant, 1 AS place, h.minutes AS held,
         h.id AS transaction_id, 1 = 1 AS asked
    FROM ledger_hold h JOIN ledger_transaction t ON t.id = h.id
  UNION ALL
  SELECT h.source_id, h.target_id, t.recorded_at, 1,
         p.remaining - coalesce(before.remaining, h.minutes), p.transaction_id, 1 = 0
    FROM ledger_hold_part p JOIN ledger_hold h ON h.id = p.hold_id
    LEFT JOIN ledger_hold_part before
           ON before.hold_id = p.hold_id AND before.part = p.part - 1
    JOIN ledger_transaction t ON t.id = p.transaction_id
  UNION ALL
  SELECT source_id, target_id, expires_at, 0, -remaining, id, 1 = 0
    FROM hold_state WHERE expires_at IS NOT NULL)
"""  # noqa: S608

# The most that was ever held at a time out of and for each account of `busy`.
PEAKS = f"""
{_HOLD_CHANGES},
peaks AS (
  SELECT account_id, max(CASE WHEN side = 'out' THEN running END) AS out,
         max(CASE WHEN side = 'in' THEN running END) AS in
    FROM (SELECT account_id, side, sum(held) OVER (
                   PARTITION BY account_id, side ORDER BY instant, place
                   ROWS UNBOUNDED PRECEDING) AS running
            FROM (SELECT source_id AS account_id, 'out' AS side, instant, place, held
                    FROM hold_change WHERE source_id IN (SELECT account_id FROM busy)
                  UNION ALL
                  SELECT target_id, 'in', instant, place, held
                    FROM hold_change WHERE target_id IN (SELECT account_id FROM busy)) sides
         ) counted
   GROUP BY account_id)
"""  # noqa: S608

# Both limits as one: the level of a floor is posted − held out, that of a ceiling
# −posted − held in, and what makes a level fall must leave it at or above its bound. What a
# settlement moves had been held before; an override exempts; a level may always rise.
_EXCEEDED = f"""
WITH {_HOLD_CHANGES},
moved AS (
  SELECT e.account_id, e.transaction_id, max(e.version) AS version,
         max(e.recorded_at) AS instant, sum(e.amount) AS amount,
         t.action <> 'settle' AND t.override_actor IS NULL AS asked
    FROM ledger_entry e JOIN ledger_transaction t ON t.id = e.transaction_id {{entries}}
   GROUP BY e.account_id, e.transaction_id, t.action, t.override_actor),
change AS (
  SELECT 'floor' AS side, account_id, instant, 1 AS place, version, amount AS rise,
         transaction_id, asked FROM moved
  UNION ALL SELECT 'ceiling', account_id, instant, 1, version, -amount, transaction_id, asked
    FROM moved
  UNION ALL SELECT 'floor', source_id, instant, place, 0, -held, transaction_id, asked
    FROM hold_change {{sources}}
  UNION ALL SELECT 'ceiling', target_id, instant, place, 0, -held, transaction_id, asked
    FROM hold_change {{targets}}),
levels AS (
  SELECT side, account_id, instant, transaction_id, asked, rise,
         sum(rise) OVER (PARTITION BY side, account_id ORDER BY instant, place, version
                         ROWS UNBOUNDED PRECEDING) AS level
    FROM change),
bounded AS (
  SELECT l.*, CASE WHEN side = 'floor' THEN
           (SELECT floor FROM ledger_account_event v
              JOIN ledger_transaction d ON d.id = v.transaction_id
             WHERE v.account_id = l.account_id AND d.recorded_at < l.instant
             ORDER BY v.transaction_id DESC LIMIT 1)
         ELSE -(SELECT ceiling FROM ledger_account_event v
                  JOIN ledger_transaction d ON d.id = v.transaction_id
                 WHERE v.account_id = l.account_id AND d.recorded_at < l.instant
                 ORDER BY v.transaction_id DESC LIMIT 1) END AS bound
    FROM levels l WHERE asked AND rise < 0)
SELECT 'limit-exceeded', 'account ' || a.code || ', transaction ' || transaction_id,
       'it took the balance with holds to ' || CASE WHEN side = 'floor' THEN level ELSE -level END
       || ', beyond the ' || side || ' of ' || CASE WHEN side = 'floor' THEN bound ELSE -bound END
  FROM bounded JOIN ledger_account a ON a.id = account_id
 WHERE level < bound
"""  # noqa: S608


def exceeded(connection: sa.Connection, ids: Sequence[int] | None) -> Iterator[Fault]:
    """No posting or hold took its account beyond a limit of the time, unless overridden."""
    if ids is None:
        yield from found(connection, _EXCEEDED.format(entries="", sources="", targets=""))
        return
    conditions = {
        "entries": "WHERE e.account_id = ANY (:ids)",
        "sources": "WHERE source_id = ANY (:ids)",
        "targets": "WHERE target_id = ANY (:ids)",
    }
    yield from found(connection, _EXCEEDED.format(**conditions), ids=list(ids))
