"""Reading exchanges: one, its history, a school's list, and the number that wait for a school."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from marketplace.accounts.actor import Actor
from marketplace.clock import today
from marketplace.conversations.models import Enquiry
from marketplace.errors import NotFound
from marketplace.exchanges.models import OPEN_STATES, Exchange, ExchangeEvent, State
from marketplace.schools.models import School
from marketplace.web.paging import Page, paginate

PAGE = 20


class Show(StrEnum):
    """Which of a school's exchanges to list."""

    WAITING = "waiting"
    OPEN = "open"
    DONE = "done"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class ExchangeRow:
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


def get_exchange(session: Session, exchange_id: int, actor: Actor) -> Exchange:
    """Return an exchange of the school acted for, with both schools and the conversation.

    Raises:
        NotFound: if there is none, or it is between other schools.
    """
    exchange = session.scalar(
        sa.select(Exchange)
        .where(
            Exchange.id == exchange_id,
            sa.or_(Exchange.provider_urn == actor.urn, Exchange.receiver_urn == actor.urn),
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
    """Return every step of the exchange, oldest first, with who took it for which school."""
    return list(
        session.scalars(
            sa.select(ExchangeEvent)
            .where(ExchangeEvent.exchange_id == exchange.id)
            .options(joinedload(ExchangeEvent.person), joinedload(ExchangeEvent.school))
            .order_by(ExchangeEvent.id)
        )
    )


def exchanges_in(session: Session, enquiry: Enquiry) -> list[Exchange]:
    """Return the exchanges that came of a conversation, the newest first."""
    return list(
        session.scalars(
            sa.select(Exchange)
            .where(Exchange.enquiry_id == enquiry.id)
            .order_by(Exchange.id.desc())
        )
    )


def list_exchanges(
    session: Session, actor: Actor, show: Show, *, after: str = "", limit: int = PAGE
) -> Page[ExchangeRow]:
    """Return a page of the school's exchanges, the latest change first."""
    urn = actor.school()
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
    )
    if show is Show.WAITING:
        query = query.where(_waits_for(urn))
    elif show is Show.OPEN:
        query = query.where(Exchange.state.in_(OPEN_STATES))
    elif show is Show.DONE:
        query = query.where(Exchange.state.not_in(OPEN_STATES))
    page = paginate(
        session, query, Exchange.updated_at.desc(), Exchange.id.desc(), after=after, limit=limit
    )
    return page.map(lambda row: _exchange_row(urn, *row))


def count_waiting(urn: int) -> sa.ScalarSelect[int]:
    """Return the query that counts the exchanges that wait for the school."""
    return sa.select(sa.func.count()).select_from(Exchange).where(_waits_for(urn)).scalar_subquery()


def minutes_exchanged(session: Session) -> int:
    """Return the minutes of all confirmed help."""
    total = session.scalar(
        sa.select(sa.func.sum(Exchange.delivered_minutes)).where(Exchange.state == State.CONFIRMED)
    )
    return int(total or 0)


def _exchange_row(urn: int, exchange: Exchange, other_school: str) -> ExchangeRow:
    return ExchangeRow(
        id=exchange.id,
        title=exchange.title,
        other_school=other_school,
        gives=exchange.provider_urn == urn,
        minutes=exchange.delivered_minutes or exchange.minutes,
        on_date=exchange.delivered_on or exchange.on_date,
        state=exchange.state,
        awaiting_us=exchange.awaiting_urn == urn and not _still_to_come(exchange),
        updated_at=exchange.updated_at,
    )


def _waits_for(urn: int) -> sa.ColumnElement[bool]:
    """The condition that the school can act now: an exchange agreed for a later day cannot yet."""
    return sa.and_(
        Exchange.awaiting_urn == urn,
        sa.or_(Exchange.state != State.AGREED, Exchange.on_date <= today()),
    )


def _still_to_come(exchange: Exchange) -> bool:
    return exchange.state == State.AGREED and exchange.on_date > today()
