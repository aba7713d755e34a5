"""Finding the state of an account at an instant: its versions and their balances.

An account's entries are numbered without gaps and carry the balance after them, and their
recorded instants never decrease; so the state at any instant is found by halving the range.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.queries.connected import Connected
from ledger.schema import BigInt

_balance, _entry = schema.balance, schema.entry

AccountIds = Sequence[int] | sa.Select[Any] | sa.BindParameter[Any]
"""The numbers of accounts, the query of them, or the parameter that will be them."""


def last_versions(
    condition: sa.ColumnElement[bool],
    account_ids: AccountIds | None,
    name: str = "probe",
) -> sa.Subquery:
    """For each account (or some) its last version for which the condition still holds.

    The condition must hold for the entries up to some version and for none after it; the
    version is found by halving. ``name`` tells two of them in one statement apart.
    """
    low = sa.cast(sa.literal(0), BigInt)
    top = sa.select(_balance.c.account_id, low.label("low"), _balance.c.version.label("high"))
    if account_ids is not None:
        top = top.where(_balance.c.account_id.in_(account_ids))
    probe = top.cte(name, recursive=True)
    middle: sa.ColumnElement[int] = sa.literal_column(f"({name}.low + {name}.high + 1) / 2")
    here = probe.join(
        _entry,
        sa.and_(_entry.c.account_id == probe.c.account_id, _entry.c.version == middle),
    )
    probe = probe.union_all(
        sa.select(
            probe.c.account_id,
            sa.case((condition, _entry.c.version), else_=probe.c.low),
            sa.case((condition, probe.c.high), else_=_entry.c.version - 1),
        )
        .select_from(here)
        .where(probe.c.low < probe.c.high)
    )
    return (
        sa.select(probe.c.account_id, probe.c.low.label("version"))
        .where(probe.c.low >= probe.c.high)
        .subquery()
    )


class Versions(Connected):
    """Which entry of an account was its last at an instant."""

    def _version_at(self, account_id: int, instant: datetime, *, inclusive: bool = True) -> int:
        """The version of an account at (or just before) an instant."""
        at = sa.literal(instant, schema.Instant)
        condition = _entry.c.recorded_at <= at if inclusive else _entry.c.recorded_at < at
        versions = last_versions(condition, [account_id])
        return self._connection.execute(sa.select(versions.c.version)).scalar_one()

    def _versions_before(self, account_id: int, instants: Sequence[datetime]) -> list[int]:
        """The version of an account just before each of several instants, in one go."""
        bounds = sa.union_all(
            *(
                sa.select(
                    sa.cast(sa.literal(place), BigInt).label("place"),
                    sa.literal(instant, schema.Instant).label("instant"),
                )
                for place, instant in enumerate(instants)
            )
        ).cte("bound")
        probe = (
            sa.select(bounds, sa.cast(sa.literal(0), BigInt).label("low"), _balance.c.version)
            .join(_balance, _balance.c.account_id == account_id)
            .cte("probe", recursive=True)
        )
        middle: sa.ColumnElement[int] = sa.literal_column("(probe.low + probe.version + 1) / 2")
        here = probe.join(
            _entry, sa.and_(_entry.c.account_id == account_id, _entry.c.version == middle)
        )
        before = _entry.c.recorded_at < probe.c.instant
        probe = probe.union_all(
            sa.select(
                probe.c.place,
                probe.c.instant,
                sa.case((before, _entry.c.version), else_=probe.c.low),
                sa.case((before, probe.c.version), else_=_entry.c.version - 1),
            )
            .select_from(here)
            .where(probe.c.low < probe.c.version)
        )
        return list(
            self._connection.execute(
                sa.select(probe.c.low).where(probe.c.low >= probe.c.version).order_by(probe.c.place)
            ).scalars()
        )

    def _balance_at(self, account_id: int, version: int) -> int:
        if version == 0:
            return 0
        return self._connection.execute(
            sa.select(_entry.c.balance).where(
                _entry.c.account_id == account_id, _entry.c.version == version
            )
        ).scalar_one()
