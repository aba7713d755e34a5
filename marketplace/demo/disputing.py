"""The demo's disputes: a few of the main school's exchanges, each at another stage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.clock import LONDON
from marketplace.demo.accounts import Staff
from marketplace.exchanges.disputes.models import Dispute
from marketplace.exchanges.models import Exchange, ExchangeEvent, State
from marketplace.exchanges.states import Step
from marketplace.schools.models import School
from marketplace.settings import Policy


@dataclass(frozen=True, slots=True)
class Stage:
    """One dispute to be made: who opened it how many days ago, and what the other side said.

    Without ``days_ago`` it is on the day of the help itself, and the answer is still due.
    ``main_gives`` says on which side the main school is, ``main_opens`` whether it opened it.
    """

    state: State
    main_gives: bool
    main_opens: bool
    days_ago: int | None
    words: str
    answer: str = ""
    answered_days_ago: int = 0


STAGES = (
    Stage(
        State.DELIVERED,
        main_gives=True,
        main_opens=False,
        days_ago=None,
        words="Your colleague left after the first half, so half of the hours are right.",
    ),
    Stage(
        State.CONFIRMED,
        main_gives=False,
        main_opens=True,
        days_ago=9,
        words="We confirmed the hours by mistake: the second session never took place.",
        answer="Our colleague was in school for the second session, and nobody had told her"
        " that the class was out.",
        answered_days_ago=4,
    ),
    Stage(
        State.CONFIRMED,
        main_gives=True,
        main_opens=False,
        days_ago=26,
        words="Two of our teachers were there, and both say that the visit ended at noon.",
    ),
)


def make_disputes(session: Session, main: School, staff: Staff, policy: Policy, day: date) -> int:
    """Open disputes over exchanges of the school ``main``, as of ``day``; return how many."""
    used: set[int] = set()
    for stage in STAGES:
        exchange = _exchange_for(session, main, stage, day, used)
        if exchange is not None:
            used.add(exchange.id)
            _make(session, exchange, stage, main, staff, policy, day)
    session.flush()
    return len(used)


def _exchange_for(
    session: Session, main: School, stage: Stage, day: date, used: set[int]
) -> Exchange | None:
    """The latest exchange that was delivered before the dispute was opened."""
    side = Exchange.provider_urn if stage.main_gives else Exchange.receiver_urn
    return session.scalars(
        sa.select(Exchange)
        .where(
            side == main.urn,
            Exchange.state == stage.state,
            Exchange.delivered_on < day - timedelta(days=stage.days_ago or 0),
            Exchange.id.not_in(used),
        )
        .order_by(Exchange.delivered_on.desc(), Exchange.id)
    ).first()


def _make(
    session: Session,
    exchange: Exchange,
    stage: Stage,
    main: School,
    staff: Staff,
    policy: Policy,
    day: date,
) -> None:
    opener = main.urn if stage.main_opens else exchange.other_urn(main.urn)
    other = exchange.other_urn(opener)
    if stage.days_ago is not None:
        opened_at = _at(day - timedelta(days=stage.days_ago), 8)
    else:
        assert exchange.delivered_on is not None
        opened_at = _at(exchange.delivered_on, 17)
    claimed = (exchange.delivered_minutes or 0) // 2 // policy.smallest_step * policy.smallest_step
    answer_due_at = opened_at + timedelta(days=policy.dispute_answer_days)
    dispute = Dispute(
        exchange_id=exchange.id,
        opened_by_urn=opener,
        opened_by_id=staff.of(opener),
        opened_from=exchange.state,
        opened_version=exchange.version,
        opened_at=opened_at,
        claimed_minutes=claimed,
        answer_due_at=answer_due_at,
        ruling_due_at=answer_due_at + timedelta(days=policy.dispute_ruling_days),
    )
    session.add(dispute)
    exchange.state, exchange.awaiting_urn = State.DISPUTED, other
    exchange.updated_at = opened_at
    _step(session, exchange, Step.DISPUTE, opener, staff, opened_at, stage.words, claimed)
    if stage.answer:
        answered_at = _at(day - timedelta(days=stage.answered_days_ago), 8)
        dispute.answered_at, dispute.answered_minutes = answered_at, exchange.delivered_minutes
        dispute.ruling_due_at = answered_at + timedelta(days=policy.dispute_ruling_days)
        exchange.awaiting_urn, exchange.updated_at = None, answered_at
        minutes = exchange.delivered_minutes
        _step(session, exchange, Step.ANSWER, other, staff, answered_at, stage.answer, minutes)


def _step(
    session: Session,
    exchange: Exchange,
    step: Step,
    urn: int,
    staff: Staff,
    at: datetime,
    text: str,
    minutes: int | None,
) -> None:
    exchange.version += 1
    session.add(
        ExchangeEvent(
            exchange_id=exchange.id,
            step=step,
            version=exchange.version,
            person_id=staff.of(urn),
            school_urn=urn,
            at=at,
            text=text,
            minutes=minutes,
        )
    )


def _at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, 40, tzinfo=LONDON)
