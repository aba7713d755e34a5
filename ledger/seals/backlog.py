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
    query = sa.select(
        sa.func.count(), sa.func.min(_transaction.c.recorded_at), sa.func.max(number)
    ).where(~is_sealed(_transaction.c.id))
    if connection.dialect.name == "sqlite":
        row = connection.execute(query.where(number >= sealed_up_to(connection))).one()
        return Unsealed(transactions=row[0], oldest=row[1])
    state = server_state(connection)
    if state.comparable:
        query = query.where(number >= state.horizon)
    count, oldest, last = connection.execute(query).one()
    blocker = None
    if count and not state.moved and last >= state.settled != state.own:
        blocker = holder(connection, state.settled)
    return Unsealed(transactions=count, oldest=oldest, held_up_by=blocker)
