"""Reading exchanges: one, its history, a school's list, and the number that wait for a school."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.clock import LONDON, today
from marketplace.conversations.models import Enquiry
from marketplace.credits.chart import account_code
from marketplace.credits.holds import hold_end, holds_that_end
from marketplace.errors import NotFound
from marketplace.exchanges.costs import free_within
from marketplace.exchanges.models import OPEN_STATES, Exchange, ExchangeEvent, State
from marketplace.schools.models import School
from marketplace.schools.standing import SchoolMark, school_mark
from marketplace.web.navigation import ActorLike, asked_when_sent
from marketplace.web.paging import Page, paginate

PAGE = 20
HOLD_ENDS_SOON = timedelta(days=7)
"""How long before the end of its hold an exchange is a task for both schools."""
# An alias takes longer to make than a query to run.
_OtherSchool = aliased(School)


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
    mark: SchoolMark | None
    gives: bool
    minutes: int
    free_within: str
    on_date: date
    state: str
    was_sent_back: bool
    awaiting_us: bool
    same_person: bool
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
            joinedload(Exchange.free_trust),
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
    other = _OtherSchool
    query = (
        sa.select(Exchange, other, _waits_for(urn))
        .join(other, other.urn == _other_urn(urn))
        .where(_is_of(urn))
        .options(joinedload(Exchange.free_trust))
    )
    if show is Show.WAITING:
        query = query.where(_waits_for(urn))
    elif show is Show.OPEN:
        query = query.where(is_under_way())
    elif show is Show.DONE:
        query = query.where(sa.not_(is_under_way()))
    page = paginate(
        session, query, Exchange.updated_at.desc(), Exchange.id.desc(), after=after, limit=limit
    )
    return page.map(lambda row: _exchange_row(urn, *row))


def count_waiting(actor: ActorLike) -> sa.ScalarSelect[int]:
    """Return the query that counts the exchanges that wait for the school."""
    assert actor.urn is not None
    waits = _waits_for(actor.urn, asked_when_sent(lambda: today()))
    # The first condition is the one that has an index: this is asked on every page.
    return (
        sa.select(sa.func.count())
        .select_from(Exchange)
        .where(Exchange.awaiting_urn == actor.urn, waits)
        .scalar_subquery()
    )


@dataclass(frozen=True, slots=True)
class ExchangeToDo:
    """An exchange that needs a school's people; ``count`` is how many there are.

    ``waits`` says that the school has to act, ``ends_at`` when the credits are held no longer.
    """

    exchange: Exchange
    other_school: str
    waits: bool
    ends_at: datetime | None
    count: int


def list_to_do(session: Session, urn: int, limit: int) -> list[ExchangeToDo]:
    """Return the exchanges that need the school's people, at most ``limit``; disputes are apart.

    They are those that wait for the school, and those whose hold ends within ``HOLD_ENDS_SOON``:
    first what ends soonest, then what has waited for longest.
    """
    until = clock.now() + HOLD_ENDS_SOON
    values = {"urn": urn, "code": account_code(urn), "until": until, "day": today(), "most": limit}
    return [ExchangeToDo(*row) for row in session.execute(_to_do(), values)]


@cache
def _to_do() -> sa.Select[*tuple[Any, ...]]:
    """What needs the people of the school ``urn``; made once, as each start page asks for it."""
    other, ends_at = _OtherSchool, hold_end(Exchange.hold_id)
    urn: Any = sa.bindparam("urn")
    until: Any = sa.bindparam("until", type_=ends_at.type)
    soon = ends_at <= until
    ends_soon = sa.case((soon, ends_at))
    waits = _waits_for(urn, sa.bindparam("day"))
    return (
        sa.select(
            Exchange,
            other.name,
            waits,
            sa.type_coerce(ends_soon, ends_at.type),
            sa.func.count().over(),
        )
        .join(other, other.urn == _other_urn(urn))
        .where(
            # Few of a school's exchanges need anything, and each of these is found by an index;
            # by that of the states, SQLite would read what is under way at every school.
            Exchange.id.in_(_may_need(urn, until)),
            sa.func.coalesce(is_under_way(), sa.false()),
            Exchange.state != State.DISPUTED,
            sa.or_(waits, soon),
        )
        .order_by(ends_soon.is_(None), ends_soon, Exchange.updated_at, Exchange.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def _may_need(urn: Any, until: Any) -> sa.CompoundSelect[int]:
    """The exchanges that wait for the school, and those whose hold ends ``until`` an instant."""
    holds = holds_that_end(sa.bindparam("code"), until)
    return sa.union(
        sa.select(Exchange.id).where(Exchange.awaiting_urn == urn),
        sa.select(Exchange.id).where(Exchange.hold_id.in_(holds)),
    )


@dataclass(frozen=True, slots=True)
class ComingUp:
    """Help that is agreed for a day to come: ``minutes`` are those agreed."""

    id: int
    on_date: date
    title: str
    other_school: str
    gives: bool
    minutes: int
    is_free: bool


def list_coming_up(session: Session, urn: int, limit: int) -> list[ComingUp]:
    """Return the help that a school has agreed to give or to receive, from today on, by day."""
    values = {"urn": urn, "day": today(), "most": limit}
    return [ComingUp(*row) for row in session.execute(_coming_up(), values)]


@cache
def _coming_up() -> sa.Select[*tuple[Any, ...]]:
    """What the school ``urn`` has agreed, from ``day`` on; made once."""
    other = _OtherSchool
    urn: Any = sa.bindparam("urn", type_=sa.Integer)
    ours = sa.union_all(
        sa.select(Exchange.id).where(Exchange.provider_urn == urn, _is_to_come()),
        sa.select(Exchange.id).where(Exchange.receiver_urn == urn, _is_to_come()),
    )
    return (
        sa.select(
            Exchange.id,
            Exchange.on_date,
            Exchange.title,
            other.name,
            Exchange.provider_urn == urn,
            Exchange.minutes,
            Exchange.free_trust_id.is_not(None),
        )
        .join(other, other.urn == _other_urn(urn))
        .where(Exchange.id.in_(ours))
        .order_by(Exchange.on_date, Exchange.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def _is_to_come() -> sa.ColumnElement[bool]:
    """The condition that it is agreed for ``day`` or later; not by the index of all states."""
    state = sa.func.coalesce(Exchange.state, "")
    return sa.and_(state == State.AGREED, Exchange.on_date >= sa.bindparam("day"))


def is_under_way() -> sa.ColumnElement[bool]:
    """Return the condition that somebody has to act: it is open, or is to be put right."""
    return sa.or_(
        Exchange.state.in_(OPEN_STATES),
        sa.and_(Exchange.state == State.CONFIRMED, Exchange.awaiting_urn.is_not(None)),
    )


def minutes_since(session: Session, urn: int, day: date) -> tuple[int, int]:
    """Return the minutes that the school was paid and has paid for what was delivered since."""
    values = {"urn": urn, "day": day, "instant": datetime.combine(day, time(), LONDON)}
    row = session.execute(_minutes_since(), values).one()
    return int(row[0] or 0), int(row[1] or 0)


@cache
def _minutes_since() -> sa.Select[Any]:
    """What the school ``urn`` has given and received since ``day``; made once."""
    urn: Any = sa.bindparam("urn")
    instant: Any = sa.bindparam("instant")
    # A condition on the state beside that on the school would have SQLite read all that is in this
    # state, of every school. What was delivered since then has been written since then, too.
    counts = sa.and_(
        Exchange.state == State.CONFIRMED, Exchange.delivered_on >= sa.bindparam("day")
    )
    gave = sa.and_(Exchange.provider_urn == urn, Exchange.updated_at >= instant)
    received = sa.and_(Exchange.receiver_urn == urn, Exchange.updated_at >= instant)
    return sa.select(
        sa.func.sum(sa.case((sa.and_(gave, counts), Exchange.standing_minutes))),
        sa.func.sum(sa.case((sa.and_(received, counts), Exchange.standing_minutes))),
    ).where(sa.or_(gave, received))


def minutes_of_help() -> sa.ColumnElement[int]:
    """Return the minutes that count as given of a confirmed exchange: as paid, or as free."""
    return sa.func.coalesce(Exchange.standing_minutes, Exchange.delivered_minutes, 0)


def minutes_exchanged(session: Session) -> int:
    """Return the minutes of all confirmed help."""
    total = session.scalar(
        sa.select(sa.func.sum(minutes_of_help())).where(Exchange.state == State.CONFIRMED)
    )
    return int(total or 0)


def _exchange_row(urn: int, exchange: Exchange, other: School, awaiting_us: bool) -> ExchangeRow:
    return ExchangeRow(
        id=exchange.id,
        title=exchange.title,
        other_school=other.name,
        mark=school_mark(other),
        gives=exchange.provider_urn == urn,
        minutes=exchange.figure,
        free_within=free_within(exchange),
        on_date=exchange.delivered_on or exchange.on_date,
        state=exchange.state,
        was_sent_back=exchange.is_sent_back,
        awaiting_us=awaiting_us,
        same_person=exchange.same_person,
        updated_at=exchange.updated_at,
    )


def _is_of(urn: int) -> sa.ColumnElement[bool]:
    """The condition that the school is one of the two."""
    return sa.or_(Exchange.provider_urn == urn, Exchange.receiver_urn == urn)


def _other_urn(urn: int) -> sa.Case[int]:
    return sa.case(
        (Exchange.provider_urn == urn, Exchange.receiver_urn), else_=Exchange.provider_urn
    )


def _waits_for(urn: int, day: Any = None) -> sa.ColumnElement[bool]:
    """The condition that the school can act on ``day`` (today, if it is not named).

    An exchange agreed for a later day cannot be acted on yet.
    """
    return sa.func.coalesce(
        sa.and_(
            Exchange.awaiting_urn == urn,
            sa.or_(
                Exchange.state != State.AGREED,
                Exchange.on_date <= (today() if day is None else day),
                Exchange.sent_back_minutes.is_not(None),
            ),
        ),
        sa.false(),
    )
