"""What the two schools do in a dispute: open, answer, add, settle between themselves, withdraw."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.credits.holds import extend_hold
from marketplace.errors import Conflict, Refusal
from marketplace.exchanges.disputes import events
from marketplace.exchanges.disputes.effects import pay
from marketplace.exchanges.disputes.models import Dispute, Outcome
from marketplace.exchanges.disputes.queries import latest_dispute, open_dispute_of
from marketplace.exchanges.disputes.rules import (
    LONGEST_STATEMENT,
    begin,
    end,
    refuse_figure,
    refuse_statement,
)
from marketplace.exchanges.frozen.rules import frozen_schools
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.states import Step
from marketplace.exchanges.transitions import MakeEvent, StepDetails, transition
from marketplace.outbox.events import Event
from marketplace.settings import current_policy

HELD_AFTER_WITHDRAWAL = timedelta(days=14)
"""How long a hold lasts at least after a dispute was withdrawn, if it had an end before."""


def open_dispute(
    session: Session,
    actor: Actor,
    exchange: Exchange,
    *,
    minutes: int,
    text: str,
    version: int,
    correction_id: int | None = None,
) -> Dispute:
    """Open a dispute over what was delivered, sent back or confirmed; the credits stay held.

    ``minutes`` is what the school holds right, from 0 to what was agreed, ``text`` its words;
    ``correction_id`` is the correction that was not agreed.

    Raises:
        NotAllowed: without the role.
        NotFound: if the school acted for is not one of the two.
        Conflict: if the exchange is no longer as the person saw it, or cannot be disputed now.
        Refusal: without words, or for a figure that cannot be right.
    """
    details = StepDetails(text.strip(), minutes)
    with transition(session, actor, exchange, Step.DISPUTE, version, details) as step:
        if step.is_replay:
            return latest_dispute(session, exchange)
        refuse_statement(details.text)
        refuse_figure(exchange, minutes, current_policy())
        dispute = begin(
            session,
            actor,
            exchange,
            minutes=minutes,
            urn=actor.school(),
            correction_id=correction_id,
        )
        step.to(
            awaiting=exchange.other_urn(actor.urn),
            event=_event(events.DisputeOpened, dispute),
            at=dispute.opened_at,
        )
    return dispute


def answer_dispute(
    session: Session, actor: Actor, exchange: Exchange, *, minutes: int, text: str, version: int
) -> Dispute:
    """Answer a dispute that the other school opened, with words and a figure (``minutes``).

    Raises:
        Conflict: if the exchange is no longer as the person saw it.
        Refusal: without words, for a figure that cannot be right, or if it is not this school's
            to answer.
    """
    details = StepDetails(text.strip(), minutes)
    with transition(session, actor, exchange, Step.ANSWER, version, details) as step:
        if step.is_replay:
            return latest_dispute(session, exchange)
        dispute = _open(session, exchange)
        if dispute.opened_by_urn == actor.urn:
            raise Refusal("Your school opened this dispute: it is the other school’s to answer.")
        if dispute.answered_at is not None:
            raise Refusal("This dispute has been answered. You can add a statement.")
        refuse_statement(details.text)
        refuse_figure(exchange, minutes, current_policy())
        now = clock.now()
        dispute.answered_at, dispute.answered_minutes = now, minutes
        dispute.ruling_due_at = now + timedelta(days=current_policy().dispute_ruling_days)
        dispute.overdue_at = None
        awaiting = exchange.awaiting_urn if dispute.offer_urn is not None else None
        step.to(awaiting=awaiting, event=_event(events.DisputeAnswered, dispute))
    return dispute


def add_statement(
    session: Session, actor: Actor, exchange: Exchange, *, text: str, version: int
) -> Dispute:
    """Add a statement to a dispute that has not been decided.

    Raises:
        Conflict: if the exchange is no longer as the person saw it.
        Refusal: without words, or while the dispute is still the school's own to answer.
    """
    details = StepDetails(text.strip())
    with transition(session, actor, exchange, Step.STATEMENT, version, details) as step:
        if step.is_replay:
            return latest_dispute(session, exchange)
        dispute = _open(session, exchange)
        if dispute.answered_at is None and dispute.opened_by_urn != actor.urn:
            raise Refusal("Answer the dispute first: say what happened, and which figure is right.")
        refuse_statement(details.text)
        step.to(awaiting=exchange.awaiting_urn, event=_event(events.DisputeStatementAdded, dispute))
    return dispute


def make_offer(
    session: Session, actor: Actor, exchange: Exchange, *, minutes: int, version: int
) -> Dispute:
    """Propose to settle at ``minutes``; if the other school accepts, the dispute is over.

    A figure that is proposed later takes the place of the earlier one.

    Raises:
        Conflict: if the exchange is no longer as the person saw it.
        Refusal: for a figure that cannot be right.
    """
    details = StepDetails("", minutes)
    with transition(session, actor, exchange, Step.OFFER, version, details) as step:
        if step.is_replay:
            return latest_dispute(session, exchange)
        dispute = _open(session, exchange)
        refuse_figure(exchange, minutes, current_policy())
        dispute.offer_urn, dispute.offer_minutes = actor.school(), minutes
        step.to(
            awaiting=exchange.other_urn(actor.urn), event=_event(events.DisputeOfferMade, dispute)
        )
    return dispute


def accept_offer(session: Session, actor: Actor, exchange: Exchange, *, version: int) -> Dispute:
    """Accept the figure that the other school proposed: it is paid at once.

    Raises:
        Conflict: if the exchange is no longer as the person saw it.
        Refusal: if the other school has not proposed one, an account is frozen, or the ledger
            cannot pay it.
    """
    with transition(session, actor, exchange, Step.SETTLE, version) as step:
        if step.is_replay:
            return latest_dispute(session, exchange)
        dispute = _open(session, exchange)
        if dispute.offer_minutes is None or dispute.offer_urn == actor.urn:
            raise Refusal("The other school has not proposed a figure that you could accept.")
        if dispute.offer_minutes and (frozen := frozen_schools(session, exchange)):
            raise Refusal(
                f"The account of {frozen[0].name} is frozen, so the two schools cannot settle this"
                " by themselves. The network’s operator rules on it."
            )
        memo = f"{exchange.title} (dispute {dispute.id} settled by both schools)"
        target = pay(session, actor, dispute, exchange, dispute.offer_minutes, memo=memo)
        end(dispute, Outcome.SETTLED)
        step.to(awaiting=None, target=target, event=_event(events.DisputeSettled, dispute))
    return dispute


def withdraw_dispute(
    session: Session, actor: Actor, exchange: Exchange, reason: str, *, version: int
) -> Dispute:
    """Withdraw a dispute that one's own school opened: the exchange is as it was before.

    Raises:
        Conflict: if the exchange is no longer as the person saw it.
        Refusal: if the other school opened it.
    """
    details = StepDetails(reason.strip())
    with transition(session, actor, exchange, Step.WITHDRAW, version, details) as step:
        if step.is_replay:
            return latest_dispute(session, exchange)
        dispute = _open(session, exchange)
        if dispute.opened_by_urn != actor.urn:
            raise Refusal("Only the school that opened the dispute can withdraw it.")
        if len(details.text) > LONGEST_STATEMENT:
            raise Refusal(f"Use at most {LONGEST_STATEMENT:,} characters.", field="reason")
        target = State(dispute.opened_from)
        if dispute.hold_ended_at is not None and exchange.hold_id is not None:
            extend_hold(
                session,
                exchange.hold_id,
                max(dispute.hold_ended_at, clock.now() + HELD_AFTER_WITHDRAWAL),
                key=f"{dispute.reference}:unfreeze",
                actor=actor.ledger_name,
                memo=f"{exchange.title} (dispute {dispute.id} withdrawn)",
            )
        end(dispute, Outcome.WITHDRAWN)
        awaiting = {State.AGREED: exchange.provider_urn, State.DELIVERED: exchange.receiver_urn}
        step.to(
            awaiting=awaiting.get(target),
            target=target,
            event=_event(events.DisputeWithdrawn, dispute),
        )
    return dispute


def _open(session: Session, exchange: Exchange) -> Dispute:
    dispute = open_dispute_of(session, exchange)
    if dispute is None:
        raise Conflict("This dispute is over. Look again at the exchange.")
    return dispute


def _event(kind: Callable[..., Event], dispute: Dispute) -> MakeEvent:
    return partial(kind, dispute_id=dispute.id)
