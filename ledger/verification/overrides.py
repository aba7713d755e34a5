"""Overrides: the version a balance row calls overridden is the last for which a person is named."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from ledger.types import Fault
from ledger.verification.faults import found_rarely

_DRIFTED = """
SELECT 'drifted-balance', 'account ' || a.code,
       coalesce('the balance row says that version ' || b.override_version || ' was overridden',
                'the balance row says of no version that it was overridden')
       || coalesce('; the last one was ' || o.version, '; nobody overrode a limit on it')
  FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
  LEFT JOIN (SELECT e.account_id, max(e.version) AS version
               FROM ledger_transaction t JOIN ledger_entry e ON e.transaction_id = t.id
              WHERE t.override_actor IS NOT NULL GROUP BY e.account_id) o
         ON o.account_id = b.account_id
 WHERE (b.override_version IS NULL) <> (o.version IS NULL) OR b.override_version <> o.version
"""


def drifted(connection: sa.Connection) -> Iterator[Fault]:
    """An overridden version is that of the account's last entry with which a limit was overridden.

    Yields:
        Faults of the kind ``drifted-balance``.
    """
    yield from found_rarely(connection, _DRIFTED)
