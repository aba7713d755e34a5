"""The verbs of an agreed exchange; each is one fact with the credits it moves."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.clock import today
from marketplace.credits import transfers
from marketplace.credits.formats import credits
from marketplace.credits.rules import refuse_minutes
from marketplace.credits.transfers import Payment
from marketplace.errors import Refusal
from marketplace.exchanges.frozen.rules import end_permit, use_permit_if_frozen
from marketplace.exchanges.lapsing import hold_end
from marketplace.exchanges.models import Exchange
from marketplace.exchanges.proposals import check_schools
from marketplace.exchanges.states import Step
from marketplace.exchanges.transitions import StepDetails, transition
from marketplace.settings import Policy, current_policy
from marketplace.web.texts import visible

LONGEST_REASON = 1000
EARLIEST_DELIVERY = timedelta(days=366)
"""How long before its proposal help may have been given: beyond it the year is a slip."""


def agree(session: Session, actor: Actor, exchange: Exchange, *, version: int) -> Exchange:
    """Agree to the proposal: the receiver's credits are held.

    Raises:
        Conflict: if the exchange is no longer as the person saw it.
        Refusal: if the receiver does not have the credits (it says how many are available and
            needed), or one of the schools has closed.
    """
    with transition(session, actor, exchange, Step.AGREE, version) as step:
        if step.is_replay:
            return exchange
        check_schools(session, exchange.provider_urn, exchange.receiver_urn)
        exchange.hold_id = transfers.hold(
            session,
            actor,
            _payment(exchange, exchange.minutes),
            ends_at=hold_end(exchange.on_date, current_policy()),
        )
        step.to(awaiting=exchange.provider_urn)
    return exchange


def decline(
    session: Session, actor: Actor, exchange: Exchange, reason: str, *, version: int
) -> Exchange:
    """Decline a proposal of the other school.

    Raises:
        Conflict: if the exchange is no longer as the person saw it.
    """
    details = StepDetails(_short(reason))
    with transition(session, actor, exchange, Step.DECLINE, version, details) as step:
        if not step.is_replay:
            step.to(awaiting=None)
    return exchange


def cancel(
    session: Session, actor: Actor, exchange: Exchange, reason: str, *, version: int
) -> Exchange:
    """Cancel: held credits are the receiver's to use again.

    Raises:
        Conflict: if the exchange is no longer as the person saw it.
    """
    details = StepDetails(_short(reason))
    with transition(session, actor, exchange, Step.CANCEL, version, details) as step:
        if step.is_replay:
            return exchange
        if exchange.hold_id is not None:
            transfers.release(
                session, actor, exchange.hold_id, reference=exchange.reference, memo=exchange.title
            )
        step.to(awaiting=None)
    return exchange


def deliver(
    session: Session,
    actor: Actor,
    exchange: Exchange,
    *,
    minutes: int,
    on_date: date,
    note: str,
    policy: Policy,
    version: int,
) -> Exchange:
    """Say that the help was given: ``minutes`` of what was agreed, on ``on_date``.

    Raises:
        Conflict: if the exchange is no longer as the person saw it.
        Refusal: for more than agreed, not whole steps, or a day that has not come yet or is more
            than ``EARLIEST_DELIVERY`` before the proposal.
    """
    details = StepDetails(_short(note, field="note"), minutes, on_date)
    with transition(session, actor, exchange, Step.DELIVER, version, details) as step:
        if step.is_replay:
            return exchange
        refuse_minutes(minutes, policy, field="minutes")
        if minutes > exchange.minutes:
            raise Refusal(
                f"{_were_agreed(exchange.minutes)}, so no more than that can be"
                " delivered. Propose a further exchange for the rest.",
                field="minutes",
            )
        if on_date > today():
            raise Refusal("That day has not come yet.", field="on_date")
        if on_date < exchange.created_at.date() - EARLIEST_DELIVERY:
            raise Refusal("That day is long before the proposal. Check the year.", field="on_date")
        exchange.delivered_minutes = minutes
        exchange.delivered_on = on_date
        end_permit(session, exchange)
        exchange.sent_back_minutes = None
        step.to(awaiting=exchange.receiver_urn)
    return exchange


def send_back(
    session: Session, actor: Actor, exchange: Exchange, reason: str, *, version: int
) -> Exchange:
    """Say that what was delivered is not as stated; the provider states it again.

    Raises:
        Conflict: if the exchange is no longer as the person saw it.
        Refusal: without a reason.
    """
    details = StepDetails(_short(reason))
    with transition(session, actor, exchange, Step.SEND_BACK, version, details) as step:
        if step.is_replay:
            return exchange
        if not visible(details.text):
            raise Refusal("Say what is not right, so that it can be put right.", field="reason")
        exchange.sent_back_minutes = exchange.delivered_minutes
        exchange.delivered_minutes = None
        exchange.delivered_on = None
        step.to(awaiting=exchange.provider_urn)
    return exchange


def confirm(session: Session, actor: Actor, exchange: Exchange, *, version: int) -> Exchange:
    """Confirm what was delivered: the hold is settled and the credits move.

    Raises:
        Conflict: if the exchange is no longer as the person saw it.
        Refusal: if an account is frozen and the operator has not let this payment through, or
            the ledger cannot settle; it says why.
    """
    with transition(session, actor, exchange, Step.CONFIRM, version) as step:
        if step.is_replay:
            return exchange
        assert exchange.hold_id is not None
        assert exchange.delivered_minutes is not None
        use_permit_if_frozen(session, exchange)
        payment = _payment(exchange, exchange.delivered_minutes)
        transaction_id = transfers.settle(session, actor, exchange.hold_id, payment)
        exchange.pay(transaction_id, payment.minutes)
        step.to(awaiting=None)
    return exchange


def _payment(exchange: Exchange, minutes: int) -> Payment:
    return Payment(
        payer_urn=exchange.receiver_urn,
        payee_urn=exchange.provider_urn,
        minutes=minutes,
        reference=exchange.reference,
        memo=exchange.title,
    )


def _were_agreed(minutes: int) -> str:
    """How many credits were agreed and are held, as the beginning of a sentence."""
    if minutes <= 60:
        return f"{credits(minutes)} was agreed and is held"
    return f"{credits(minutes)} were agreed and are held"


def _short(text: str, *, field: str = "reason") -> str:
    text = text.strip()
    if len(text) > LONGEST_REASON:
        raise Refusal(f"Use at most {LONGEST_REASON:,} characters.", field=field)
    return text
