"""Reading proposals to close, and the periods that are closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from ledger import Book
from marketplace.audit.closing.models import PeriodClosing
from marketplace.credits.chart import actor_names
from marketplace.errors import NotFound


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """A closed period: by whom, when, and what was open if it was closed in the browser."""

    ends_on: date
    closed_at: datetime
    closed_by: str
    closing: PeriodClosing | None


def open_proposals(session: Session) -> Sequence[PeriodClosing]:
    """Return the proposals that wait for a second person, the earliest period first."""
    query = _with_people().where(
        PeriodClosing.closed_at.is_(None), PeriodClosing.withdrawn_at.is_(None)
    )
    return session.scalars(query.order_by(PeriodClosing.ends_on)).all()


def first_of_others(
    session: Session, person_id: int, limit: int
) -> list[tuple[PeriodClosing, int]]:
    """Return the oldest proposals that wait for this person, with how many there are in all."""
    rows = session.execute(_of_others(), {"person_id": person_id, "most": limit})
    return [(closing, count) for closing, count in rows]


@cache
def _of_others() -> sa.Select[PeriodClosing, int]:
    """Made once, as it is asked on each start page of the network's people."""
    return (
        sa.select(PeriodClosing, sa.func.count().over())
        .where(
            PeriodClosing.closed_at.is_(None),
            PeriodClosing.withdrawn_at.is_(None),
            PeriodClosing.proposed_by_id != sa.bindparam("person_id", type_=sa.Integer),
        )
        .order_by(PeriodClosing.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def get_closing(session: Session, closing_id: int) -> PeriodClosing:
    """Return one proposal.

    Raises:
        NotFound: there is none of this number.
    """
    closing = session.scalar(_with_people().where(PeriodClosing.id == closing_id))
    if closing is None:
        raise NotFound("There is no proposal with this number.")
    return closing


def closed_periods(session: Session) -> list[ClosedPeriod]:
    """Return every closed period, the newest first, also those closed by command."""
    periods = Book(session).periods()
    names = actor_names(session, {period.actor for period in periods})
    closings = {
        closing.ends_on: closing
        for closing in session.scalars(_with_people().where(PeriodClosing.closed_at.is_not(None)))
    }
    closed = [
        ClosedPeriod(
            period.ends_on, period.closed_at, names[period.actor], closings.get(period.ends_on)
        )
        for period in periods
    ]
    return sorted(closed, key=lambda period: period.ends_on, reverse=True)


def _with_people() -> sa.Select[PeriodClosing]:
    return sa.select(PeriodClosing).options(
        joinedload(PeriodClosing.proposed_by), joinedload(PeriodClosing.closed_by)
    )
