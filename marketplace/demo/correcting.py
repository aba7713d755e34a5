"""The demo's corrections: one that was agreed to, and one that waits for the main school."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Book
from marketplace.accounts.ledger_actor import LedgerActor
from marketplace.accounts.roles import Role
from marketplace.clock import LONDON
from marketplace.credits.chart import account_code
from marketplace.demo.accounts import Staff
from marketplace.exchanges.corrections.models import Correction, CorrectionState
from marketplace.exchanges.models import Exchange, ExchangeEvent, State
from marketplace.exchanges.states import Step
from marketplace.schools.models import School
from marketplace.settings import Policy


@dataclass(frozen=True, slots=True)
class Request:
    """A correction to be made: who asks how many days ago, why, and when it was agreed to.

    ``main_gives`` says on which side the main school is, ``main_asks`` whether it asks.
    """

    main_gives: bool
    main_asks: bool
    days_ago: int
    reason: str
    agreed_days_ago: int | None = None


REQUESTS = (
    Request(
        main_gives=False,
        main_asks=True,
        days_ago=5,
        reason="We confirmed the whole visit, but your colleague had to leave at break.",
        agreed_days_ago=4,
    ),
    Request(
        main_gives=True,
        main_asks=False,
        days_ago=2,
        reason="The second half was our own staff meeting. Only the first half was your help.",
    ),
)


def make_corrections(
    session: Session, main: School, staff: Staff, policy: Policy, day: date
) -> None:
    """Ask for corrections of exchanges of the school ``main``, as of ``day``; one is agreed to."""
    for request in REQUESTS:
        exchange = _exchange_for(session, main, request, day)
        if exchange is not None:
            _make(session, exchange, request, main, staff, policy, day)
            session.flush()


def _exchange_for(session: Session, main: School, request: Request, day: date) -> Exchange | None:
    """The latest confirmed exchange of that side that can be corrected, and has not been."""
    side = Exchange.provider_urn if request.main_gives else Exchange.receiver_urn
    exchanges = session.scalars(
        sa.select(Exchange)
        .where(
            side == main.urn,
            Exchange.state == State.CONFIRMED,
            Exchange.delivered_on < day - timedelta(days=request.days_ago),
            ~sa.exists().where(Correction.exchange_id == Exchange.id),
        )
        .order_by(Exchange.delivered_on.desc(), Exchange.id)
    )
    book = Book(session)
    for exchange in exchanges:
        available = book.account(account_code(exchange.provider_urn)).available
        if available is None or available >= (exchange.standing_minutes or 0):
            return exchange
    return None


def _make(
    session: Session,
    exchange: Exchange,
    request: Request,
    main: School,
    staff: Staff,
    policy: Policy,
    day: date,
) -> None:
    asker = main.urn if request.main_asks else exchange.other_urn(main.urn)
    other = exchange.other_urn(asker)
    asked_at = _at(day - timedelta(days=request.days_ago))
    paid = exchange.standing_minutes or 0
    correction = Correction(
        exchange_id=exchange.id,
        state=CorrectionState.ASKED,
        minutes=paid // 2 // policy.smallest_step * policy.smallest_step,
        paid_minutes=paid,
        reason=request.reason,
        asked_by_urn=asker,
        asked_by_id=staff.of(asker),
        asked_at=asked_at,
        due_at=asked_at + timedelta(days=policy.correction_days),
    )
    session.add(correction)
    session.flush()
    exchange.awaiting_urn = other
    _step(session, exchange, correction, Step.ASK_CORRECTION, asker, staff, asked_at)
    if request.agreed_days_ago is not None:
        agreed_at = _at(day - timedelta(days=request.agreed_days_ago))
        _carry_out(session, exchange, correction, other, staff, agreed_at)


def _carry_out(
    session: Session,
    exchange: Exchange,
    correction: Correction,
    urn: int,
    staff: Staff,
    at: datetime,
) -> None:
    """Agree for the school ``urn``: the book, whose clock shows ``at``, reverses and pays anew."""
    payer, payee = account_code(exchange.receiver_urn), account_code(exchange.provider_urn)
    actor_name = str(LedgerActor(staff.of(urn), urn, (Role.COORDINATOR,)))
    memo = f"Put right: {exchange.title}"
    assert exchange.standing_transaction_id is not None
    book = Book(session, clock=lambda: at)
    with book.group(payer, payee):
        reversal = book.reverse(
            exchange.standing_transaction_id,
            key=f"{correction.reference}:reversal",
            memo=memo,
            actor=actor_name,
            reference=exchange.reference,
        )
        transaction_id = None
        if correction.minutes:
            transaction_id = book.transfer(
                payer,
                payee,
                correction.minutes,
                key=f"{correction.reference}:payment",
                kind="exchange",
                memo=memo,
                actor=actor_name,
                reference=exchange.reference,
            ).id
    # An account that has moved since is not written to at an earlier instant.
    at = reversal.recorded.replace(second=0, microsecond=0)
    correction.state = CorrectionState.AGREED
    correction.reversed_transaction_id = exchange.standing_transaction_id
    correction.reversal_id, correction.transaction_id = reversal.id, transaction_id
    correction.answered_by_id, correction.answered_at = staff.of(urn), at
    exchange.standing_transaction_id = correction.transaction_id
    exchange.standing_minutes = correction.minutes
    exchange.awaiting_urn = None
    _step(session, exchange, correction, Step.AGREE_CORRECTION, urn, staff, at)


def _step(
    session: Session,
    exchange: Exchange,
    correction: Correction,
    step: Step,
    urn: int,
    staff: Staff,
    at: datetime,
) -> None:
    exchange.version += 1
    exchange.updated_at = at
    session.add(
        ExchangeEvent(
            exchange_id=exchange.id,
            step=step,
            version=exchange.version,
            person_id=staff.of(urn),
            school_urn=urn,
            at=at,
            text=correction.reason if step is Step.ASK_CORRECTION else "",
            minutes=correction.minutes,
        )
    )


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 15, 20, tzinfo=LONDON)
