"""What other database transactions may still commit: up to when answers are final."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.types import OpenTransaction

_transaction = schema.transaction

# Whoever records takes a row's lock on `ledger_balance` before the clock is read, or writes to
# `ledger_transaction`; reading a book takes neither lock, nor do VACUUM and ANALYZE.
_WRITERS = """
SELECT a.xact_start AS since,
       l.pid IS NOT NULL AND (a.pid IS NULL OR coalesce(a.state <> 'disabled', false)) AS known
  FROM (SELECT DISTINCT pid FROM pg_locks
         WHERE locktype = 'relation' AND granted
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND relation IN ('ledger_balance'::regclass, 'ledger_transaction'::regclass)
           AND mode IN ('RowShareLock', 'RowExclusiveLock', 'ShareRowExclusiveLock',
                        'ExclusiveLock', 'AccessExclusiveLock')
           AND pid IS DISTINCT FROM pg_backend_pid()) AS l
  LEFT JOIN pg_stat_activity a ON a.pid = l.pid
"""

_SITUATION = "SELECT current_setting('transaction_isolation'), pg_is_in_recovery()"

_HOLDER = """
SELECT coalesce(a.datname, p.database, '') AS database, coalesce(a.usename, p.owner, '') AS role,
       coalesce(a.xact_start, p.prepared) AS since, l.pid, p.gid AS prepared
  FROM pg_locks l
  LEFT JOIN pg_stat_activity a ON a.pid = l.pid
  LEFT JOIN pg_prepared_xacts p ON p.transaction = l.transactionid
 WHERE l.locktype = 'transactionid' AND l.granted AND l.mode = 'ExclusiveLock'
   AND l.transactionid = CAST(:number AS text)::xid8::xid
"""


def settled_until(connection: sa.Connection) -> datetime | None:
    """The instant up to which as-of answers are final; see `ledger.Book.settled_until`."""
    if connection.dialect.name == "sqlite":
        return _on_sqlite(connection)
    isolation, standby = connection.exec_driver_sql(_SITUATION).one()
    # An older snapshot misses what has committed since; a standby knows nobody who writes.
    if isolation != "read committed" or standby:
        return None
    # The clock first: a writer that is not seen afterwards has committed, or reads it later.
    now = _fresh_clock(connection)
    since = [now]
    for writer in connection.exec_driver_sql(_WRITERS):
        if not writer.known:
            return None
        if writer.since is not None:  # else it has ended since, and is visible if it committed
            since.append(writer.since.astimezone(UTC))
    return min(since) - timedelta(microseconds=1)


def _on_sqlite(connection: sa.Connection) -> datetime | None:
    """Now for the one writer; for a reader, when the last was recorded that it sees.

    Another may be writing beside a reader. Its clock was read after all that is committed.
    """
    if not connection.get_execution_options().get("read_only"):
        return datetime.now(UTC)
    last = sa.select(_transaction.c.recorded_at).order_by(_transaction.c.id.desc()).limit(1)
    return connection.execute(last).scalar()


def holder(connection: sa.Connection, number: int) -> OpenTransaction | None:
    """The running or prepared transaction of a number, if it is still there."""
    _fresh_clock(connection)
    row: Any = connection.execute(sa.text(_HOLDER), {"number": str(number)}).first()
    if row is None:
        return None
    since = row.since and row.since.astimezone(UTC)
    return OpenTransaction(
        database=row.database, role=row.role, since=since, pid=row.pid, prepared=row.prepared
    )


def _fresh_clock(connection: sa.Connection) -> datetime:
    """The server's clock, and from then on what processes do now, not when last asked."""
    row = connection.exec_driver_sql("SELECT clock_timestamp(), pg_stat_clear_snapshot()").one()
    return row[0].astimezone(UTC)
