"""What the pages of exchanges show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from marketplace.conversations.models import Enquiry
from marketplace.exchanges.models import OPEN_STATES, Exchange, ExchangeEvent, State
from marketplace.people.viewer import Acting
from marketplace.schools.models import School
from marketplace.web.formats import today
from marketplace.web.paging import moment_cursor, read_moment_cursor
from marketplace.web.problems import NotFound

PAGE = 20


class Show(StrEnum):
    """Which of a school's exchanges are listed."""

    WAITING = "waiting"
    OPEN = "open"
    DONE = "done"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class ExchangeLine:
    """One exchange in a list, from the school's own side."""

    id: int
    title: str
    other_school: str
    gives: bool
    minutes: int
    on_date: date
    state: str
    awaiting_us: bool
    updated_at: datetime


def get_exchange(session: Session, exchange_id: int, acting: Acting) -> Exchange:
    """An exchange of the school acted for, with both schools and the conversation.

    Raises:
        NotFound: if there is none, or it is between other schools.
    """
    exchange = session.scalar(
        sa.select(Exchange)
        .where(
            Exchange.id == exchange_id,
            sa.or_(Exchange.provider_urn == acting.urn, Exchange.receiver_urn == acting.urn),
        )
        .options(
            joinedload(Exchange.provider),
            joinedload(Exchange.receiver),
            joinedload(Exchange.enquiry),
        )
    )
    if exchange is None:
        raise NotFound
    return exchange


def history(session: Session, exchange: Exchange) -> list[ExchangeEvent]:
    """Every step of the exchange, oldest first, with who took it for which school."""
    return list(
        session.scalars(
            sa.select(ExchangeEvent)
            .where(ExchangeEvent.exchange_id == exchange.id)
            .options(joinedload(ExchangeEvent.person), joinedload(ExchangeEvent.school))
            .order_by(ExchangeEvent.id)
        )
    )


def exchanges_in(session: Session, enquiry: Enquiry) -> list[Exchange]:
    """The exchanges that came of a conversation, the newest first."""
    return list(
        session.scalars(
            sa.select(Exchange)
            .where(Exchange.enquiry_id == enquiry.id)
            .order_by(Exchange.id.desc())
        )
    )


def list_exchanges(
    session: Session, acting: Acting, show: Show, *, after: str = "", limit: int = PAGE
) -> tuple[list[ExchangeLine], str | None]:
    """The school's exchanges, the latest change first, and the cursor of the next page."""
    urn = acting.school()
    other = aliased(School)
    query = (
        sa.select(Exchange, other.name)
        .join(
            other,
            other.urn
            == sa.case(
                (Exchange.provider_urn == urn, Exchange.receiver_urn),
                else_=Exchange.provider_urn,
            ),
        )
        .where(sa.or_(Exchange.provider_urn == urn, Exchange.receiver_urn == urn))
        .order_by(Exchange.updated_at.desc(), Exchange.id.desc())
        .limit(limit + 1)
    )
    if show is Show.WAITING:
        query = query.where(_waits_for(urn))
    elif show is Show.OPEN:
        query = query.where(Exchange.state.in_(OPEN_STATES))
    elif show is Show.DONE:
        query = query.where(Exchange.state.not_in(OPEN_STATES))
    if (cursor := read_moment_cursor(after)) is not None:
        at, last_id = cursor
        query = query.where(
            sa.or_(
                Exchange.updated_at < at,
                sa.and_(Exchange.updated_at == at, Exchange.id < last_id),
            )
        )
    rows = session.execute(query).all()
    lines = [
        ExchangeLine(
            id=exchange.id,
            title=exchange.title,
            other_school=name,
            gives=exchange.provider_urn == urn,
            minutes=exchange.delivered_minutes or exchange.minutes,
            on_date=exchange.delivered_on or exchange.on_date,
            state=exchange.state,
            awaiting_us=exchange.awaiting_urn == urn and not _still_to_come(exchange),
            updated_at=exchange.updated_at,
        )
        for exchange, name in rows[:limit]
    ]
    more = moment_cursor(lines[-1].updated_at, lines[-1].id) if len(rows) > limit else None
    return lines, more


def waiting(session: Session, urn: int) -> tuple[int, int]:
    """How many exchanges and how many conversations wait for the school, in one query."""
    exchanges = sa.select(sa.func.count()).select_from(Exchange).where(_waits_for(urn))
    enquiries = sa.select(sa.func.count()).select_from(Enquiry).where(Enquiry.awaiting_urn == urn)
    row = session.execute(sa.select(exchanges.scalar_subquery(), enquiries.scalar_subquery())).one()
    return row[0], row[1]


def _waits_for(urn: int) -> sa.ColumnElement[bool]:
    """That the school can act now: what is agreed for a later day waits for that day first."""
    return sa.and_(
        Exchange.awaiting_urn == urn,
        sa.or_(Exchange.state != State.AGREED, Exchange.on_date <= today()),
    )


def _still_to_come(exchange: Exchange) -> bool:
    return exchange.state == State.AGREED and exchange.on_date > today()


def hours_exchanged(session: Session) -> int:
    """The minutes of all confirmed help."""
    total = session.scalar(
        sa.select(sa.func.sum(Exchange.delivered_minutes)).where(Exchange.state == State.CONFIRMED)
    )
    return int(total or 0)
