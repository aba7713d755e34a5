"""Adding up what pairs of accounts have given each other; see `ledger.queries.pair_totals`."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ledger import schema
from ledger.engines import requests
from ledger.operations.desk import Desk
from ledger.queries.pair_totals import moved, unmarked

TAIL = 200  # entries of an account that are not worth adding up yet

_balance, _entry = schema.balance, schema.entry
_pair, _mark = schema.pair, schema.pair_watermark


def summarise(desk: Desk, limit: int) -> int:
    """Add entries to the totals, account by account; see `ledger.Book.summarise`."""
    desk.check_no_group()
    requests.check_limit(limit, 1, requests.MOST_WORK)
    desk.writer()
    connection = desk.connection
    waiting = connection.execute(
        sa.select(_balance.c.account_id)
        .outerjoin(_mark, _mark.c.account_id == _balance.c.account_id)
        .where(unmarked() > TAIL)
        .order_by(_balance.c.account_id)
    ).scalars()
    done = 0
    for account_id in waiting.all():
        if done >= limit:
            break
        done += _add_up(connection, account_id, limit - done)
    return done


def _add_up(connection: sa.Connection, account_id: int, limit: int) -> int:
    """Move one account's mark on, to the end of a transaction."""
    connection.execute(
        _insert(connection, _mark).on_conflict_do_nothing(index_elements=["account_id"]),
        {"account_id": account_id, "version": 0},
    )
    mark = connection.execute(  # whoever else adds up waits here
        sa.select(_mark.c.version).where(_mark.c.account_id == account_id).with_for_update()
    ).scalar_one()
    own = _entry.c.account_id == account_id
    last = (
        sa.select(_entry.c.transaction_id)
        .where(own, _entry.c.version > mark, _entry.c.version <= mark + limit)
        .order_by(_entry.c.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    high = connection.execute(
        sa.select(sa.func.max(_entry.c.version)).where(own, _entry.c.transaction_id == last)
    ).scalar()
    if high is None:
        return 0
    between = moved(account_id, mark, high)
    insert = _insert(connection, _pair).from_select(
        ["account_id", "other_id", "given", "taken"],
        sa.select(sa.literal(account_id), between.c.other_id, between.c.given, between.c.taken)
        .where(sa.true())  # SQLite takes ON for a join's without it
        .order_by(between.c.other_id),
    )
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=["account_id", "other_id"],
            set_={
                "given": _pair.c.given + insert.excluded.given,
                "taken": _pair.c.taken + insert.excluded.taken,
            },
        )
    )
    connection.execute(
        sa.update(_mark).where(_mark.c.account_id == account_id).values(version=high)
    )
    return high - mark


def _insert(connection: sa.Connection, table: sa.Table) -> Any:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
