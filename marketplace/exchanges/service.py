"""The verbs of an agreed exchange; each is one fact with the credits it moves."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.clock import LONDON, today
from marketplace.credits import transfers
from marketplace.credits.formats import credits, hours
from marketplace.credits.rules import refuse_minutes
from marketplace.credits.transfers import Payment
from marketplace.errors import Refusal
from marketplace.exchanges.frozen.rules import end_permit, use_permit_if_frozen
from marketplace.exchanges.lapsing import hold_end
from marketplace.exchanges.models import Exchange
from marketplace.exchanges.proposals import check_schools, refuse_outdated_price
from marketplace.exchanges.states import Step
from marketplace.exchanges.transitions import StepDetails, transition
from marketplace.settings import Policy, current_policy
from marketplace.web.texts import visible

LONGEST_REASON = 1000
EARLIEST_DELIVERY = timedelta(days=366)
"""How long before its proposal help may have been given: beyond it the year is a slip."""


def agree(session: Session, actor: Actor, exchange: Exchange, *, version: int) -> Exchange:
    """Agree to the proposal: the receiver's credits are held, unless the help is free.

    Raises:
        Conflict: if the exchange is no longer as the person saw it.
        Refusal: if the receiver does not have the credits (it says how many are available and
            needed), one of the schools has closed, or it was proposed as free, or for credits, and
            would not be so today.
    """
    with transition(session, actor, exchange, Step.AGREE, version) as step:
        if step.is_replay:
            return exchange
        check_schools(session, exchange.provider_urn, exchange.receiver_urn)
        refuse_outdated_price(session, exchange)
        if not exchange.is_free:
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
        refuse_minutes(minutes, policy, field="minutes", free=exchange.is_free)
        if minutes > exchange.minutes:
            raise Refusal(
                f"{_were_agreed(exchange)}, so no more than that can be"
                " delivered. Propose a further exchange for the rest.",
                field="minutes",
            )
        if on_date > today():
            raise Refusal("That day has not come yet.", field="on_date")
        if on_date < exchange.created_at.astimezone(LONDON).date() - EARLIEST_DELIVERY:
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
    """Confirm what was delivered: the hold is settled and the credits move; none, if it is free.

    Raises:
        Conflict: if the exchange is no longer as the person saw it.
        Refusal: if an account is frozen and the operator has not let this payment through, or
            the ledger cannot settle; it says why.
    """
    with transition(session, actor, exchange, Step.CONFIRM, version) as step:
        if step.is_replay:
            return exchange
        if not exchange.is_free:
            _settle(session, actor, exchange)
        step.to(awaiting=None)
    return exchange


def _settle(session: Session, actor: Actor, exchange: Exchange) -> None:
    """Pay what was delivered out of what is held."""
    assert exchange.hold_id is not None
    assert exchange.delivered_minutes is not None
    use_permit_if_frozen(session, exchange)
    payment = _payment(exchange, exchange.delivered_minutes)
    transaction_id = transfers.settle(session, actor, exchange.hold_id, payment)
    exchange.pay(transaction_id, payment.minutes)


def _payment(exchange: Exchange, minutes: int) -> Payment:
    return Payment(
        payer_urn=exchange.receiver_urn,
        payee_urn=exchange.provider_urn,
        minutes=minutes,
        reference=exchange.reference,
        memo=exchange.title,
    )


def _were_agreed(exchange: Exchange) -> str:
    """How much was agreed, and is held unless it is free, as the beginning of a sentence."""
    minutes = exchange.minutes
    was, is_held = ("was", "is held") if minutes <= 60 else ("were", "are held")
    if exchange.is_free:
        return f"{hours(minutes)} {was} agreed"
    return f"{credits(minutes)} {was} agreed and {is_held}"


def _short(text: str, *, field: str = "reason") -> str:
    text = text.strip()
    if len(text) > LONGEST_REASON:
        raise Refusal(f"Use at most {LONGEST_REASON:,} characters.", field=field)
    return text
