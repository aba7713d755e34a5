"""Holds in the first pass on PostgreSQL: their stories are proved without sorting.

Holds are joined with their first parts once, in parallel, and the few later parts with those
before them; whether a part goes on from what was before is seen there. Everything else that has
to belong together is proved by the exclusive or of hashes under a random key (see
`ledger.verification.screening`), for it is a set on either side: a hold or a part belongs to one
transaction, and a transaction has a line once.

- Holds and parts belong to transactions of the right action, one to one: the hash of number and
  action over the one is that over the other. A part's own row tells what its action has to be.
- A settlement's lines are those its part demands: the hash of the first line (transaction,
  account, amount) and of the second (transaction, account) over the parts is that over the
  entries of settlements. That a transaction sums to zero, which is proved elsewhere, says what the
  second amount is; with a levy, there are three lines, and all but the first have to be positive.
"""

from __future__ import annotations

import sqlalchemy as sa


def _number(number: str, action: str) -> str:
    """A random hash of a transaction's number and its action's."""
    return f"hashint4extended({action}, {number} # :seed)"


def _line(transaction: str, line: str, account: str, amount: str) -> str:
    """A random hash of a line of a settlement."""
    return (
        f"hashint4extended(({amount})::int4,"
        f" hashint4extended({account}::int4, ({transaction} * 4 + {line}) # :seed))"
    )


def _told(there: str, settled: str, remaining: str, expires: str) -> str:
    """What is learnt from a part ``p`` of a hold ``h``, given what was before it, if anything."""
    same = f"p.expires_at IS NOT DISTINCT FROM {expires}"
    return f"""
       bool_or(p.hold_id IS NOT NULL AND (
         ({there}) IS NOT TRUE OR {remaining} <= 0
         OR NOT CASE
              WHEN p.settled > {settled}
                THEN p.settled - {settled} <= {remaining}
                     AND p.remaining IN (0, {remaining} - p.settled + {settled})
                     AND p.state = CASE WHEN p.remaining > 0 THEN 'open' ELSE 'settled' END
                     AND {same}
              WHEN p.settled < {settled} THEN false
              WHEN p.state = 'voided' THEN p.remaining = 0 AND {same}
              ELSE p.state = 'open' AND p.remaining = {remaining} END)) AS wrong,
       bit_xor({_number("p.transaction_id", _ACTION.format(settled=settled))}) AS parts,
       bit_xor({_line("p.transaction_id", "1", "h.source_id", f"{settled} - p.settled")}
               # {_line("p.transaction_id", "2", "h.target_id", "0")})
         FILTER (WHERE p.settled > {settled}) AS lines"""


# Of what action a part has to be: 1 settles, 2 voids, 3 extends; 0 makes the hold.
_ACTION = "CASE WHEN p.settled > {settled} THEN 1 WHEN p.state = 'voided' THEN 2 ELSE 3 END"

_CODE = "CASE action WHEN 'hold' THEN 0 WHEN 'settle' THEN 1 WHEN 'void' THEN 2 ELSE 3 END"
_AMOUNT = "CASE line WHEN 1 THEN amount ELSE 0 END"
_ENTRIES = f"""
  SELECT bit_xor({_line("e.transaction_id", "line", "account_id", _AMOUNT)}) AS lines
    FROM ledger_entry e"""  # noqa: S608
_OF_SETTLEMENTS = f"""{_ENTRIES}
    JOIN ledger_transaction t ON t.id = e.transaction_id
   WHERE line <= 2 AND t.action = 'settle'"""
_BUT_OTHERS = f"""{_ENTRIES} WHERE line <= 2
  UNION ALL {_ENTRIES}
    JOIN ledger_transaction t ON t.id = e.transaction_id
   WHERE line <= 2 AND t.action IN ('post', 'reverse')"""

_FINGERPRINTS = f"""
WITH first AS MATERIALIZED (
  SELECT bit_xor({_number("h.id", "0")}) AS holds,
         {_told("true", "0", "h.minutes", "h.expires_at")}
    FROM ledger_hold h LEFT JOIN ledger_hold_part p ON p.hold_id = h.id AND p.part = 1),
later AS MATERIALIZED (
  SELECT {_told("b.hold_id = h.id", "b.settled", "b.remaining", "b.expires_at")}
    FROM ledger_hold_part p JOIN ledger_hold h ON h.id = p.hold_id
    LEFT JOIN ledger_hold_part b ON b.hold_id = p.hold_id AND b.part = p.part - 1
   WHERE p.part <> 1),
made AS MATERIALIZED (
  SELECT bit_xor({_number("id", _CODE)}) AS numbers
    FROM ledger_transaction WHERE action IN ('hold', 'settle', 'void', 'extend')),
moved AS MATERIALIZED ({{settlements}})
SELECT coalesce(first.wrong, false) OR coalesce(later.wrong, false)
       OR coalesce(holds, 0) # coalesce(first.parts, 0) # coalesce(later.parts, 0)
          <> coalesce(numbers, 0)
       OR coalesce(first.lines, 0) # coalesce(later.lines, 0)
          <> (SELECT coalesce(bit_xor(lines), 0) FROM moved)
       OR 0 < (SELECT count(*) FROM ledger_transaction t
                 JOIN ledger_entry e ON e.transaction_id = t.id AND e.line > 1
                WHERE action = 'settle' AND t.entry_count <> 2
                  AND (t.entry_count > 3 OR amount <= 0))
       OR 0 < (SELECT count(*) FROM ledger_hold h
                 JOIN ledger_hold_part p ON p.hold_id = h.id AND p.part = 1
                 JOIN ledger_transaction t ON t.id = p.transaction_id
                WHERE h.expires_at IS NOT NULL AND h.expires_at <= t.recorded_at)
       OR 0 < (SELECT count(*) FROM ledger_hold_part p
                 JOIN ledger_hold_part b ON b.hold_id = p.hold_id AND b.part = p.part - 1
                 JOIN ledger_transaction t ON t.id = p.transaction_id
                WHERE p.part > 1 AND b.expires_at IS NOT NULL AND b.expires_at <= t.recorded_at)
  FROM first, later, made
"""  # noqa: S608


def doubtful(connection: sa.Connection, seed: int, *, settlements: int, others: int) -> bool:
    """Whether holds have to be looked at closely.

    Of settlements and other transactions that move something, the fewer are joined with their
    entries.
    """
    of_settlements = _OF_SETTLEMENTS if settlements <= others else _BUT_OTHERS
    query = sa.text(_FINGERPRINTS.format(settlements=of_settlements))
    return bool(connection.execute(query, {"seed": seed}).scalar_one())
