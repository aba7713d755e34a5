"""What is in no seal yet, and what sealing would wait for."""

from __future__ import annotations

import sqlalchemy as sa

from ledger import schema
from ledger.queries.servers import server_state
from ledger.queries.under_way import holder
from ledger.seals.sealing import is_sealed, place, sealed_up_to
from ledger.types import Unsealed

_transaction = schema.transaction


def unsealed(connection: sa.Connection) -> Unsealed:
    """What is in no seal; see `ledger.Book.unsealed`."""
    number = place(connection)
    due = [~is_sealed(_transaction.c.id), number >= sealed_up_to(connection)]
    count, oldest, last = connection.execute(
        sa.select(
            sa.func.count(), sa.func.min(_transaction.c.recorded_at), sa.func.max(number)
        ).where(*due)
    ).one()
    blocker = None
    if count and connection.dialect.name == "postgresql":
        state = server_state(connection)
        if last >= state.settled != state.own:
            blocker = holder(connection, state.settled)
    return Unsealed(transactions=count, oldest=oldest, held_up_by=blocker)
