"""Which records of the ledger take each other back, for features that look for them."""

from __future__ import annotations

import sqlalchemy as sa

from ledger import schema


def reversal_numbers() -> sa.CompoundSelect[int]:
    """Return the numbers of all reversals and of all that were reversed, as a query."""
    reverses, number = schema.transaction.c.reverses_id, schema.transaction.c.id
    is_reversal = reverses.is_not(None)
    return sa.union_all(
        sa.select(reverses.label("number")).where(is_reversal), sa.select(number).where(is_reversal)
    )
