"""Reading disputes: that of an exchange, the operator's queue, what waits for a school."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload
from sqlalchemy.sql.base import ExecutableOption

from marketplace import clock
from marketplace.accounts.holders import schools_of_roles
from marketplace.errors import NotFound
from marketplace.exchanges.disputes.models import Dispute, Outcome
from marketplace.exchanges.models import Exchange, ExchangeEvent, State
from marketplace.exchanges.states import Step
from marketplace.schools.facts import Status
from marketplace.schools.models import School
from marketplace.web.navigation import ActorLike, asked_when_sent
from marketplace.web.paging import Page, paginate

PAGE = 20
MOST_STUCK = 20
"""How many exchanges that nobody can confirm the queue shows at once."""


class Show(StrEnum):
    """Which disputes the operator's queue lists."""

    OPEN = "open"
    ENDED = "ended"


def open_dispute_of(session: Session, exchange: Exchange) -> Dispute | None:
    """Return the dispute over the exchange that has not ended, as it is now."""
    return session.scalar(
        sa.select(Dispute)
        .where(Dispute.exchange_id == exchange.id, Dispute.ended_at.is_(None))
        .execution_options(populate_existing=True)
    )


def last_ruling(session: Session, exchange: Exchange) -> Dispute | None:
    """Return the last dispute over the exchange on which the operator has ruled, if any."""
    return session.scalar(
        sa.select(Dispute)
        .where(Dispute.exchange_id == exchange.id, Dispute.outcome == Outcome.RULED)
        .order_by(Dispute.id.desc())
        .limit(1)
    )


def fund_pays_part(session: Session, exchange: Exchange) -> bool:
    """Say whether the network's fund has paid a part of the exchange, and not had it back."""
    # Each end that pays lets the fund have back what it paid before.
    latest = session.scalar(
        sa.select(Dispute.fund_transaction_id.is_not(None))
        .where(
            Dispute.exchange_id == exchange.id,
            Dispute.outcome.in_((Outcome.RULED, Outcome.SETTLED)),
        )
        .order_by(Dispute.id.desc())
        .limit(1)
    )
    return bool(latest)


def latest_dispute(session: Session, exchange: Exchange) -> Dispute:
    """Return the last dispute over an exchange that has one.

    Raises:
        NoResultFound: there is none.
    """
    return session.scalars(_of(exchange)).one()


def find_dispute_of(session: Session, exchange: Exchange) -> Dispute | None:
    """Return the last dispute over the exchange, open or not, with who ruled; None without one."""
    query = _of(exchange).options(joinedload(Dispute.ruled_by))
    return session.scalar(query)


def dispute_in(
    session: Session, exchange: Exchange, history: list[ExchangeEvent]
) -> Dispute | None:
    """Return the last dispute over the exchange, if its history says that there was one."""
    if not any(event.step in (Step.DISPUTE, Step.LOOK_AGAIN) for event in history):
        return None
    return find_dispute_of(session, exchange)


def list_decidable(session: Session, urn: int) -> list[Dispute]:
    """Return the disputes of the school ``urn`` on which the operator can rule now."""
    return list(
        session.scalars(
            sa.select(Dispute)
            .join(Exchange, Exchange.id == Dispute.exchange_id)
            .where(
                _can_be_decided(clock.now()),
                sa.or_(Exchange.provider_urn == urn, Exchange.receiver_urn == urn),
            )
            .options(_with_schools())
            .order_by(Dispute.id)
        )
    )


def list_disputes(
    session: Session, show: Show, *, after: str = "", limit: int = PAGE
) -> Page[Dispute]:
    """Return a page of disputes with their exchanges and schools.

    Of those that are open the first is the one whose ruling is due first, of the others the one
    that ended last.
    """
    query = sa.select(Dispute).options(_with_schools())
    order: tuple[sa.ColumnElement[Any], ...] = (Dispute.ruling_due_at.asc(), Dispute.id.asc())
    if show is Show.ENDED:
        order = (Dispute.ended_at.desc(), Dispute.id.desc())
    is_open = Dispute.ended_at.is_(None)
    query = query.where(is_open if show is Show.OPEN else sa.not_(is_open))
    return paginate(session, query, *order, after=after, limit=limit).map(lambda row: row)


def get_dispute(session: Session, dispute_id: int) -> Dispute:
    """Return one dispute with its exchange, both schools and who ruled.

    Raises:
        NotFound: there is none of this number.
    """
    dispute = session.scalar(
        sa.select(Dispute)
        .where(Dispute.id == dispute_id)
        .options(_with_schools(), joinedload(Dispute.ruled_by))
    )
    if dispute is None:
        raise NotFound
    return dispute


def count_to_decide(actor: ActorLike) -> sa.ScalarSelect[int]:
    """Return the query that counts the disputes on which ``actor`` can rule when it is sent."""
    return (
        sa.select(sa.func.count())
        .select_from(Dispute)
        .join(Exchange, Exchange.id == Dispute.exchange_id)
        .where(_can_be_decided(asked_when_sent(lambda: clock.now())), *_of_others(actor.person_id))
        .scalar_subquery()
    )


@dataclass(frozen=True, slots=True)
class DisputeToDo:
    """A dispute that needs a school's people or the operators; ``count`` is how many there are."""

    dispute: Dispute
    exchange: Exchange
    provider: str
    receiver: str
    count: int


def list_to_decide(session: Session, actor: ActorLike, limit: int) -> list[DisputeToDo]:
    """Return the disputes on which ``actor`` can rule, the ruling that is due first first."""
    values = {"person_id": actor.person_id, "now": clock.now(), "most": limit}
    return _to_dos(session, _to_decide(), values)


@cache
def _to_decide() -> sa.Select[Dispute, Exchange, str, str, int]:
    """Made once, as it is asked on each start page of an operator."""
    return (
        _to_do()
        .where(
            _can_be_decided(sa.bindparam("now", type_=Dispute.answer_due_at.type)),
            *_of_others(sa.bindparam("person_id", type_=sa.Integer)),
        )
        .order_by(Dispute.ruling_due_at, Dispute.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def list_waiting(session: Session, actor: ActorLike, limit: int) -> list[DisputeToDo]:
    """Return the disputes that wait for the school acted for, what is due first first."""
    return _to_dos(session, _waiting(), {"urn": actor.urn, "most": limit})


@cache
def _waiting() -> sa.Select[Dispute, Exchange, str, str, int]:
    """The disputes that wait for the school ``urn``; made once."""
    return (
        _to_do()
        .where(
            Dispute.ended_at.is_(None),
            Exchange.awaiting_urn == sa.bindparam("urn"),
            Exchange.state == State.DISPUTED,
        )
        .order_by(Dispute.answer_due_at, Dispute.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def is_waiting() -> sa.ColumnElement[bool]:
    """Return the condition that a dispute waits for the school ``urn``."""
    return sa.exists().where(
        Exchange.awaiting_urn == sa.bindparam("urn"), Exchange.state == State.DISPUTED
    )


def list_stuck(session: Session) -> list[Exchange]:
    """Return exchanges that wait for a school that has closed or left, the oldest first.

    Nobody can confirm them or state anew what was delivered, so the operator opens a dispute.
    """
    awaited = aliased(School)
    return list(
        session.scalars(
            sa.select(Exchange)
            .join(awaited, awaited.urn == Exchange.awaiting_urn)
            .where(_can_be_opened(), _cannot_act(awaited))
            .options(joinedload(Exchange.provider), joinedload(Exchange.receiver))
            .order_by(Exchange.updated_at, Exchange.id)
            .limit(MOST_STUCK)
        )
    )


def get_stuck(session: Session, exchange_id: int) -> Exchange:
    """Return an exchange over which the operator can open a dispute, with both schools.

    Raises:
        NotFound: there is none of this number, both schools can act, or it cannot be disputed.
    """
    provider, receiver = aliased(School), aliased(School)
    exchange = session.scalar(
        sa.select(Exchange)
        .join(provider, provider.urn == Exchange.provider_urn)
        .join(receiver, receiver.urn == Exchange.receiver_urn)
        .where(
            Exchange.id == exchange_id,
            Exchange.free_trust_id.is_(None),
            sa.or_(_cannot_act(provider), _cannot_act(receiver)),
        )
        .options(joinedload(Exchange.provider), joinedload(Exchange.receiver))
    )
    if exchange is None:
        raise NotFound
    return exchange


@cache
def _to_do() -> sa.Select[Dispute, Exchange, str, str, int]:
    """Disputes with the names of their schools; made once, which takes longer than to run it."""
    provider, receiver = aliased(School), aliased(School)
    return (
        sa.select(Dispute, Exchange, provider.name, receiver.name, sa.func.count().over())
        .join(Exchange, Exchange.id == Dispute.exchange_id)
        .join(provider, provider.urn == Exchange.provider_urn)
        .join(receiver, receiver.urn == Exchange.receiver_urn)
    )


def _to_dos(
    session: Session,
    query: sa.Select[Dispute, Exchange, str, str, int],
    values: dict[str, Any] | None = None,
) -> list[DisputeToDo]:
    return [DisputeToDo(*row) for row in session.execute(query, values)]


def _of_others(person_id: int | sa.BindParameter[int]) -> list[sa.ColumnElement[bool]]:
    """The conditions that a person works at neither school: else they cannot decide."""
    own_schools = schools_of_roles(person_id)
    return [Exchange.provider_urn.not_in(own_schools), Exchange.receiver_urn.not_in(own_schools)]


def _can_be_decided(now: Any) -> sa.ColumnElement[bool]:
    """The condition that the other side has answered or had its time, and no ruling is proposed."""
    return sa.and_(
        Dispute.ended_at.is_(None),
        Dispute.adjustment_id.is_(None),
        sa.or_(Dispute.answered_at.is_not(None), Dispute.answer_due_at <= now),
    )


def _can_be_opened() -> sa.ColumnElement[bool]:
    """The condition that the operator may open a dispute while the credits are held."""
    return sa.and_(
        Exchange.free_trust_id.is_(None),
        sa.or_(
            Exchange.state == State.DELIVERED,
            sa.and_(Exchange.state == State.AGREED, Exchange.sent_back_minutes.is_not(None)),
        ),
    )


def _cannot_act(school: type[School]) -> sa.ColumnElement[bool]:
    """The condition that a school has closed or left."""
    return sa.or_(school.status == Status.CLOSED, school.joined_at.is_(None))


def _with_schools() -> ExecutableOption:
    exchange = joinedload(Dispute.exchange)
    return exchange.options(joinedload(Exchange.provider), joinedload(Exchange.receiver))


def _of(exchange: Exchange) -> sa.Select[Dispute]:
    return (
        sa.select(Dispute)
        .where(Dispute.exchange_id == exchange.id)
        .order_by(Dispute.id.desc())
        .limit(1)
    )
