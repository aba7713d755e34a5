"""Balance rows: when an account was changed last is not before what was last done to it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import sqlalchemy as sa

from ledger.types import Fault
from ledger.verification.faults import found

# Of its entries, the check of the balance row says so. What is done to an account or a hold has the
# instant of its transaction, and so has what releases an expired hold, of which nothing is on
# record: so a row may be later.
_EARLIER = """
SELECT 'drifted-balance', 'account ' || a.code,
       'transaction ' || max(t.id) || ' changed it after the balance row says'
  FROM (SELECT account_id, transaction_id FROM ledger_account_event
        UNION ALL SELECT source_id, id FROM ledger_hold
        UNION ALL SELECT target_id, id FROM ledger_hold
        UNION ALL SELECT h.source_id, p.transaction_id
          FROM ledger_hold_part p JOIN ledger_hold h ON h.id = p.hold_id
        UNION ALL SELECT h.target_id, p.transaction_id
          FROM ledger_hold_part p JOIN ledger_hold h ON h.id = p.hold_id) changes
  JOIN ledger_transaction t ON t.id = changes.transaction_id
  JOIN ledger_balance b ON b.account_id = changes.account_id AND b.recorded_at < t.recorded_at
  JOIN ledger_account a ON a.id = b.account_id {some}
 GROUP BY a.id, a.code
"""


class LastChangeCheck:
    """The instants of balance rows beside those of holds and events.

    On one account out of ``share``, drawn at random: every hold of an account has to be read.
    """

    def __init__(self, share: int) -> None:
        self._share = share

    def __call__(self, connection: sa.Connection) -> Iterator[Fault]:
        """Compare each balance row with what was done to the account and its holds.

        Yields:
            Faults of the kind ``drifted-balance``.
        """
        if self._share == 1 or connection.dialect.name == "sqlite":
            yield from found(connection, _EARLIER.format(some=""))
            return
        ids = list(connection.exec_driver_sql("SELECT id FROM ledger_account").scalars())
        some = secrets.SystemRandom().sample(ids, -(-len(ids) // self._share))
        sql = _EARLIER.format(some="WHERE changes.account_id = ANY (:ids)")
        yield from found(connection, sql, ids=some)
