"""Checkpoints: what each account was closed with is what its entries sum to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.queries import Reader
from ledger.types import Fault

_account, _entry, _transaction, _period, _checkpoint = (
    schema.account,
    schema.entry,
    schema.transaction,
    schema.period,
    schema.checkpoint,
)


def drifted(connection: sa.Connection) -> Iterator[Fault]:
    """Whether each checkpoint still is what the entries sum to, and what the book answers.

    Yields:
        Faults of the kind ``drifted-checkpoint``.
    """
    for code, ends_on, recorded, summed in connection.execute(_drifted()).all():
        yield Fault(
            "drifted-checkpoint",
            f"checkpoint {ends_on}, account {code}",
            f"was closed with {_minutes(recorded)}, but its entries sum to {summed}",
        )
    for account_id, ends_on in connection.execute(_of_nothing()).all():
        yield Fault(
            "drifted-checkpoint",
            f"checkpoint {ends_on}, account #{account_id}",
            "there is no such account, or no period closed on that day",
        )
    reader = Reader(connection, None)
    for ends_on in connection.execute(sa.select(_period.c.ends_on)).scalars().all():
        recorded_balances = connection.execute(
            sa.select(_account.c.code, _checkpoint.c.balance)
            .join(_account, _account.c.id == _checkpoint.c.account_id)
            .where(_checkpoint.c.ends_on == ends_on)
        )
        answers = {
            row.code: row.credit - row.debit for row in reader.trial_balance(ends_on, None).rows
        }
        for code, recorded in recorded_balances:
            if answers.get(code) != recorded:
                yield Fault(
                    "drifted-checkpoint",
                    f"checkpoint {ends_on}, account {code}",
                    f"was closed with {recorded}, but the book answers {answers.get(code)}",
                )


def _drifted() -> sa.Select[Any]:
    """Checkpoints that differ from the sum of the entries effective up to them, in one pass."""
    last = sa.select(sa.func.max(_period.c.ends_on)).scalar_subquery()
    within = (
        sa.select(sa.func.min(_period.c.ends_on))
        .where(_period.c.ends_on >= _transaction.c.effective)
        .correlate(_transaction)
        .scalar_subquery()
    )
    dated = (
        sa.select(_entry.c.account_id, _entry.c.amount, within.label("ends_on"))
        .join(_transaction, _transaction.c.id == _entry.c.transaction_id)
        .where(_transaction.c.effective <= last)
        .subquery("dated")
    )
    moved = (
        sa.select(dated.c.account_id, dated.c.ends_on, sa.func.sum(dated.c.amount).label("amount"))
        .group_by(dated.c.account_id, dated.c.ends_on)
        .subquery("moved")
    )
    summed = (
        sa.select(
            _account.c.code,
            _period.c.ends_on,
            _checkpoint.c.balance,
            sa.func.sum(sa.func.coalesce(moved.c.amount, 0))
            .over(partition_by=_account.c.id, order_by=_period.c.ends_on)
            .label("summed"),
        )
        .select_from(_account.join(_period, sa.true()))
        .outerjoin(
            _checkpoint,
            sa.and_(
                _checkpoint.c.account_id == _account.c.id,
                _checkpoint.c.ends_on == _period.c.ends_on,
            ),
        )
        .outerjoin(
            moved,
            sa.and_(moved.c.account_id == _account.c.id, moved.c.ends_on == _period.c.ends_on),
        )
        .subquery("summed")
    )
    return (
        sa.select(summed.c.code, summed.c.ends_on, summed.c.balance, summed.c.summed)
        .where(sa.func.coalesce(summed.c.balance, 0) != summed.c.summed)
        .order_by(summed.c.ends_on, summed.c.code)
    )


def _of_nothing() -> sa.Select[Any]:
    """Checkpoints of an account or a period that is not there."""
    return (
        sa.select(_checkpoint.c.account_id, _checkpoint.c.ends_on)
        .outerjoin(_account, _account.c.id == _checkpoint.c.account_id)
        .outerjoin(_period, _period.c.ends_on == _checkpoint.c.ends_on)
        .where(sa.or_(_account.c.id.is_(None), _period.c.ends_on.is_(None)))
    )


def _minutes(balance: int | None) -> str:
    return "no balance on record" if balance is None else str(balance)
