"""Totals between pairs of accounts, added up apart from posting.

Posting does nothing for them. For each account `ledger_pair_watermark` says up to which version its
entries have been added to `ledger_pair`; a question adds the entries after it. An account's
versions are numbered without gaps and commit in their order (its balance row is locked until
then), so that nothing can ever turn up below a mark; a number over the whole book, such as a
transaction's, would not do, because a lower one may commit later.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.engines import requests
from ledger.queries.connected import Connected
from ledger.types import Bilateral

_balance, _entry, _transaction = schema.balance, schema.entry, schema.transaction
_pair, _mark = schema.pair, schema.pair_watermark


class PairTotals(Connected):
    """What has gone between two accounts; part of `ledger.queries.Reader`."""

    def bilateral(self, a: str, b: str) -> Bilateral:
        """The minutes each of two accounts has given the other."""
        requests.check_two(a, b)
        return _bilateral(self._connection, a, b, [self.account_id(code) for code in (a, b)])


def _bilateral(connection: sa.Connection, a: str, b: str, ids: list[int]) -> Bilateral:
    while True:
        marks = {
            row.account_id: (row.version - row.tail, row.version)
            for row in connection.execute(
                sa.select(_balance.c.account_id, _balance.c.version, unmarked().label("tail"))
                .outerjoin(_mark, _mark.c.account_id == _balance.c.account_id)
                .where(_balance.c.account_id.in_(ids))
            )
        }
        own, other = sorted(ids, key=lambda id_: marks[id_][1] - marks[id_][0])
        mark, version = marks[own]
        seen, forth, back = _between(connection, own, other, mark, version)
        if seen == mark:  # else the mark has moved meanwhile, and the total with it
            return Bilateral(a, b, *((forth, back) if own == ids[0] else (back, forth)))


def _between(
    connection: sa.Connection, own: int, other: int, mark: int, version: int
) -> tuple[int, int, int]:
    """The mark as it is, and what one has given the other and taken: the total and the tail.

    The tail's bounds are given as numbers, so that the database knows how short it is.
    """
    tail = moved(own, mark, version)
    known = (
        sa.select(_pair.c.given, _pair.c.taken)
        .where(_pair.c.account_id == own, _pair.c.other_id == other)
        .union_all(sa.select(tail.c.given, tail.c.taken).where(tail.c.other_id == other))
        .subquery()
    )
    now = sa.select(_mark.c.version).where(_mark.c.account_id == own).scalar_subquery()
    row = connection.execute(
        sa.select(
            sa.func.coalesce(now, 0),
            sa.func.coalesce(sa.func.sum(known.c.given), 0),
            sa.func.coalesce(sa.func.sum(known.c.taken), 0),
        )
    ).one()
    return row[0], int(row[1]), int(row[2])


def unmarked() -> sa.ColumnElement[int]:
    """How many entries of an account are not added up yet."""
    return _balance.c.version - sa.func.coalesce(_mark.c.version, 0)


def moved(
    account_id: int | sa.BindParameter[int], after: int, through: int | sa.ScalarSelect[int]
) -> sa.Subquery:
    """What an account has given to and taken from each other one, within some of its versions."""
    touched = sa.select(_entry.c.transaction_id).where(
        _entry.c.account_id == account_id,
        _entry.c.version > after,
        _entry.c.version <= through,
    )
    total = sa.func.sum(_entry.c.amount)
    net = (
        sa.select(_entry.c.transaction_id, _entry.c.account_id, total.label("amount"))
        .where(_entry.c.transaction_id.in_(touched))
        .group_by(_entry.c.transaction_id, _entry.c.account_id)
        .having(total != 0)
        .subquery()
    )

    def of_transaction(condition: sa.ColumnElement[bool], value: Any) -> sa.ColumnElement[int]:
        matching = sa.func.sum(sa.case((condition, value), else_=0))
        return sa.over(matching, partition_by=net.c.transaction_id)

    # Windows, because joining the lines of a transaction to each other may be done quadratically.
    line = sa.select(
        net,
        of_transaction(net.c.amount < 0, 1).label("givers"),
        of_transaction(net.c.amount > 0, 1).label("takers"),
        of_transaction(net.c.account_id == account_id, net.c.amount).label("own"),
    ).subquery()
    between = sa.case(
        (sa.func.abs(line.c.own) < sa.func.abs(line.c.amount), sa.func.abs(line.c.own)),
        else_=sa.func.abs(line.c.amount),
    )
    reverses = _transaction.c.reverses_id.is_not(None)
    given = sa.case(
        (sa.and_(line.c.own < 0, ~reverses), between),
        (sa.and_(line.c.own > 0, reverses), -between),
        else_=0,
    )
    taken = sa.case(
        (sa.and_(line.c.own > 0, ~reverses), between),
        (sa.and_(line.c.own < 0, reverses), -between),
        else_=0,
    )
    return (
        sa.select(
            line.c.account_id.label("other_id"),
            sa.cast(sa.func.sum(given), schema.BigInt).label("given"),
            sa.cast(sa.func.sum(taken), schema.BigInt).label("taken"),
        )
        .select_from(line)
        .join(_transaction, _transaction.c.id == line.c.transaction_id)
        .where(
            sa.or_(line.c.givers == 1, line.c.takers == 1),
            sa.or_(
                sa.and_(line.c.own < 0, line.c.amount > 0),
                sa.and_(line.c.own > 0, line.c.amount < 0),
            ),
        )
        .group_by(line.c.account_id)
        .subquery()
    )
