"""Totals between pairs of accounts: what was added up is what the entries come to."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from functools import cache
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.queries.pair_totals import moved
from ledger.types import Fault

_account, _balance, _entry = schema.account, schema.balance, schema.entry
_pair, _watermark = schema.pair, schema.pair_watermark

# A watermark within a transaction would have that added up twice.
_WATERMARKS = """
SELECT w.account_id, a.code, w.version, coalesce(b.version, 0) AS last
  FROM ledger_pair_watermark w
  LEFT JOIN ledger_account a ON a.id = w.account_id
  LEFT JOIN ledger_balance b ON b.account_id = w.account_id
 WHERE a.id IS NULL OR w.version < 0 OR w.version > coalesce(b.version, 0)
    OR (SELECT transaction_id FROM ledger_entry
         WHERE account_id = w.account_id AND version = w.version)
     = (SELECT transaction_id FROM ledger_entry
         WHERE account_id = w.account_id AND version = w.version + 1)
"""


class PairCheck:
    """The watermarks, and on one account out of ``share``, drawn at random, its totals.

    To recompute a total means to read every line of every transaction of the account. One
    statement does it for an account, up to the watermark that it reads itself, so that totals may
    be added up meanwhile.
    """

    def __init__(self, share: int) -> None:
        self._share = share

    def __call__(self, connection: sa.Connection) -> Iterator[Fault]:
        """Compare the totals on record with the entries.

        Yields:
            Faults of the kind ``drifted-pair``.
        """
        for row in connection.exec_driver_sql(_WATERMARKS).all():
            yield Fault(
                "drifted-pair",
                f"account {_name(row.code, row.account_id)}",
                f"its entries are said to be added up to version {row.version}, where no"
                f" transaction ends; its last version is {row.last}",
            )
        query = sa.union(sa.select(_watermark.c.account_id), sa.select(_pair.c.account_id))
        ids = list(connection.execute(query).scalars())
        for account_id in secrets.SystemRandom().sample(ids, -(-len(ids) // self._share)):
            for row in connection.execute(_drifted(), {"own": account_id}).all():
                yield Fault(
                    "drifted-pair",
                    f"account {_name(row.own, account_id)}, account"
                    f" {_name(row.other, row.other_id)}",
                    f"added up were {row.given} given and {row.taken} taken, but the entries come"
                    f" to {row.given_by_entries} and {row.taken_by_entries}",
                )


@cache
def _drifted() -> sa.Select[Any]:
    """The pairs of account ``own`` of which the totals on record are not those of its entries."""
    account_id = sa.bindparam("own", type_=schema.BigInt)
    through = (
        sa.select(_watermark.c.version)
        .where(_watermark.c.account_id == account_id)
        .scalar_subquery()
    )
    summed = moved(account_id, 0, through)
    nothing = sa.literal(0, schema.BigInt)
    sides = sa.union_all(
        sa.select(
            _pair.c.other_id,
            _pair.c.given,
            _pair.c.taken,
            nothing.label("given_by_entries"),
            nothing.label("taken_by_entries"),
        ).where(_pair.c.account_id == account_id),
        sa.select(summed.c.other_id, nothing, nothing, summed.c.given, summed.c.taken),
    ).subquery("sides")
    totals = [
        sa.func.sum(sides.c[name]).label(name)
        for name in ("given", "taken", "given_by_entries", "taken_by_entries")
    ]
    given, taken, given_by_entries, taken_by_entries = totals
    own = sa.select(_account.c.code).where(_account.c.id == account_id).scalar_subquery()
    return (
        sa.select(
            sides.c.other_id, own.label("own"), sa.func.max(_account.c.code).label("other"), *totals
        )
        .outerjoin(_account, _account.c.id == sides.c.other_id)
        .group_by(sides.c.other_id)
        .having(
            sa.or_(
                given.element != given_by_entries.element, taken.element != taken_by_entries.element
            )
        )
    )


def _name(code: str | None, account_id: int) -> str:
    return code or f"#{account_id}"
