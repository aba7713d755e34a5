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


def hold_end(hold_id: InstrumentedAttribute[int | None]) -> sa.ScalarSelect[datetime | None]:
    """Return when the hold in the column ``hold_id`` ends, as a subquery; null if it does not."""
    return sa.select(schema.held.c.expires_at).where(*_counts(hold_id)).scalar_subquery()


def holds_that_end(
    code: sa.ColumnElement[str], until: sa.ColumnElement[datetime]
) -> sa.Select[int]:
    """Return the query of the holds of or for the account ``code`` that end ``until`` then."""
    account, held = schema.account, schema.held
    return (
        sa.select(held.c.hold_id)
        .join(account, account.c.id == held.c.account_id)
        .where(account.c.code == code, held.c.expires_at <= until)
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
        *_counts(hold_id),
        sa.or_(held.c.expires_at.is_(None), held.c.expires_at > instant),
    )


def is_held_without_end(hold_id: InstrumentedAttribute[int | None]) -> sa.ColumnElement[bool]:
    """Return the condition that the hold in the column ``hold_id`` counts and never ends."""
    return sa.exists().where(*_counts(hold_id), schema.held.c.expires_at.is_(None))


def _counts(
    hold_id: InstrumentedAttribute[int | None],
) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """The conditions on a row of what is held: that it is of this hold, on the side that pays.

    Rows are found by their account; by the hold alone, all that is held would be read.
    """
    held, hold = schema.held, schema.hold
    # Of the row that is asked about, not of any: so the column's table is not read once more.
    payer = (
        sa.select(hold.c.source_id)
        .where(hold.c.id == hold_id)
        .correlate_except(hold)
        .scalar_subquery()
    )
    return held.c.hold_id == hold_id, held.c.account_id == payer


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
