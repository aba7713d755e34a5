"""When holds end, for features that tell people in time."""

from __future__ import annotations

import sqlalchemy as sa

from ledger import schema


def hold_ends() -> sa.Subquery:
    """Return every hold that counts and has an end, as a subquery: ``hold_id``, ``ends_at``."""
    held = schema.held
    return (
        sa.select(held.c.hold_id, held.c.expires_at.label("ends_at"))
        .where(held.c.side == "out", held.c.expires_at.is_not(None))
        .subquery("hold_ends")
    )
