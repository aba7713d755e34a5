"""Keeping what each entry of a school's account was for, and comparing it with the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import schema
from marketplace.credits.chart import SCHOOLS
from marketplace.statements.models import EntryCause
from marketplace.statements.movements import (
    account,
    cause,
    entry,
    exchange,
    is_given,
    is_of_entry,
    movements,
    other_account,
)


def keep_causes(session: Session, numbers: Sequence[int]) -> None:
    """Keep what the entries of the transactions ``numbers`` were for; one statement.

    An upgrade keeps all there are, also those that the index has not come to.
    """
    query = sa.insert(cast(sa.Table, cause)).from_select(list(_KEPT), _found().where(~_is_kept))
    session.execute(query, {"numbers": list(numbers)})


def forget_causes(session: Session) -> None:
    """Forget all of them: statements look them up until they are kept again."""
    session.execute(sa.delete(EntryCause))


def compare_causes(session: Session, numbers: Sequence[int]) -> Iterator[str]:
    """Yield a sentence for each entry of the transactions ``numbers`` that is kept otherwise."""
    values = {"numbers": list(numbers)}
    found = {tuple(row) for row in session.execute(_found(), values)}
    kept = {tuple(row) for row in session.execute(_kept(), values)}
    for account_id, version in sorted({row[:2] for row in found ^ kept}):
        yield f"What entry {version} of account {account_id} was for is not kept as it was."


def count_without_entry(session: Session) -> int:
    """Return how many are kept of entries that the ledger does not have."""
    has_entry = sa.exists().select_from(entry).where(is_of_entry).correlate(cause)
    return session.scalar(sa.select(sa.func.count()).select_from(cause).where(~has_entry)) or 0


_is_kept = sa.exists().select_from(cause).where(is_of_entry).correlate(entry)
_KEPT = ("account_id", "version", "partner", "exchange_id", "topic", "is_given")


@cache
def _found() -> sa.Select[Any]:
    """What entries were for, as the ledger and the exchanges say."""
    return (
        sa.select(
            entry.c.account_id,
            entry.c.version,
            other_account.c.code,
            exchange.c.id,
            exchange.c.topic,
            sa.func.coalesce(is_given(), sa.false()),
        )
        .select_from(movements())
        .where(
            schema.is_one_of(entry.c.transaction_id, "numbers"), account.c.code.startswith(SCHOOLS)
        )
    )


@cache
def _kept() -> sa.Select[Any]:
    return (
        sa.select(*(cause.c[name] for name in _KEPT))
        .join_from(cause, entry, is_of_entry)
        .where(schema.is_one_of(entry.c.transaction_id, "numbers"))
    )
