"""When holds end, for features that tell people in time, and holds that must not end."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from ledger import Book, LedgerError, schema
from marketplace.errors import Refusal


def hold_ends() -> sa.Subquery:
    """Return every hold that counts and has an end, as a subquery: ``hold_id``, ``ends_at``."""
    held = schema.held
    return (
        sa.select(held.c.hold_id, held.c.expires_at.label("ends_at"))
        .where(held.c.side == "out", held.c.expires_at.is_not(None))
        .subquery("hold_ends")
    )


def keep_held(
    session: Session, hold_id: int, *, key: str, actor: str, memo: str
) -> datetime | None:
    """Let a hold last without end; return when it would have ended (None: never).

    Raises:
        Refusal: it has ended already, so the credits are no longer held.
    """
    hold = Book(session).hold_by_id(hold_id)
    if hold.state == "open" and hold.expires_at is None:
        return None
    extend_hold(session, hold_id, None, key=key, actor=actor, memo=memo)
    return hold.expires_at


def is_held(
    hold_id: InstrumentedAttribute[int | None], instant: datetime
) -> sa.ColumnElement[bool]:
    """Return the condition that the hold in the column ``hold_id`` still counts at ``instant``."""
    held = schema.held
    return sa.exists().where(
        held.c.side == "out",
        held.c.hold_id == hold_id,
        sa.or_(held.c.expires_at.is_(None), held.c.expires_at > instant),
    )


def is_held_without_end(hold_id: InstrumentedAttribute[int | None]) -> sa.ColumnElement[bool]:
    """Return the condition that the hold in the column ``hold_id`` counts and never ends."""
    held = schema.held
    return sa.exists().where(
        held.c.side == "out", held.c.hold_id == hold_id, held.c.expires_at.is_(None)
    )


def extend_hold(
    session: Session, hold_id: int, ends_at: datetime | None, *, key: str, actor: str, memo: str
) -> None:
    """Let a hold last until ``ends_at`` (None: without end).

    Raises:
        Refusal: it has ended already, so the credits are no longer held.
    """
    try:
        Book(session).extend(hold_id, ends_at, key=key, actor=actor, memo=memo)
    except LedgerError as error:
        raise Refusal(
            "The credits for this are no longer held, so there is nothing to decide about. Propose"
            " the exchange anew."
        ) from error
