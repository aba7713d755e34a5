"""Putting a confirmed exchange right: one school asks, the other agrees or declines."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.credits.formats import credits
from marketplace.credits.transfers import refuse_beyond_available
from marketplace.errors import Conflict, NotFound, Refusal
from marketplace.exchanges.corrections.models import Correction, CorrectionState
from marketplace.exchanges.corrections.posting import BeyondLimit, repost
from marketplace.exchanges.corrections.queries import (
    has_open_correction,
    latest_correction,
    open_correction,
)
from marketplace.exchanges.disputes.queries import fund_pays_part
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.service import LONGEST_REASON
from marketplace.exchanges.states import Step
from marketplace.exchanges.transitions import StepDetails, record_step, transition
from marketplace.settings import Policy
from marketplace.web.texts import visible

if TYPE_CHECKING:
    from ledger import Override

THROUGH_THE_NETWORK = (
    " If both schools want it all the same, ask the network: two of its people can let it through."
)


def ask_correction(
    session: Session,
    actor: Actor,
    exchange: Exchange,
    *,
    minutes: int,
    reason: str,
    policy: Policy,
    version: int,
) -> Correction:
    """Ask that ``minutes`` be paid for a confirmed exchange, instead of what was paid.

    0 says that nothing was due. The other school has ``policy.correction_days`` to answer.

    Raises:
        NotAllowed: without the role.
        NotFound: if the school acted for is not one of the two.
        Conflict: if the exchange is no longer as the person saw it, or is to be put right already.
        Refusal: without a reason, for a figure that cannot be right, more than one's own school
            has to pay, or while the network's fund pays a part.
    """
    details = StepDetails(reason.strip(), minutes)
    with transition(session, actor, exchange, Step.ASK_CORRECTION, version, details) as step:
        if step.is_replay:
            return latest_correction(session, exchange)
        if has_open_correction(session, exchange):
            raise Conflict("Somebody has asked already that this be put right. Look again.")
        assert exchange.standing_minutes is not None
        if fund_pays_part(session, exchange):
            raise Refusal(
                "The network’s fund pays a part of this by a ruling, so the two schools cannot put"
                " it right by themselves. Within 14 days of the ruling each school may ask once for"
                " it to be looked at again."
            )
        _refuse_figure(exchange, minutes, policy)
        _refuse_reason(details.text)
        if exchange.receiver_urn == actor.urn and minutes > exchange.standing_minutes:
            refuse_beyond_available(
                session, exchange.receiver_urn, minutes - exchange.standing_minutes
            )
        now = clock.now()
        correction = Correction(
            exchange_id=exchange.id,
            state=CorrectionState.ASKED,
            minutes=minutes,
            paid_minutes=exchange.standing_minutes,
            reason=details.text,
            asked_by_urn=actor.school(),
            asked_by_id=actor.person_id,
            asked_at=now,
            due_at=now + timedelta(days=policy.correction_days),
        )
        session.add(correction)
        step.to(awaiting=exchange.other_urn(actor.urn))
    return correction


def agree_to_correction(
    session: Session, actor: Actor, exchange: Exchange, *, version: int
) -> Correction:
    """Agree to what the other school asks: the payment is reversed, and the right one posted.

    Raises:
        Conflict: if the exchange is no longer as the person saw it.
        BeyondLimit: a credit limit is in the way; the network can let it through.
        Refusal: if it is one's own school that asks, or an account is not open.
    """
    with transition(
        session, actor, exchange, Step.AGREE_CORRECTION, version, _figure(session, exchange)
    ) as step:
        if step.is_replay:
            return latest_correction(session, exchange)
        correction = _to_answer(session, actor, exchange)
        try:
            _carry_out(session, exchange, correction, actor.ledger_name, viewer_urn=actor.urn)
        except BeyondLimit as refusal:
            raise BeyondLimit(refusal.message + THROUGH_THE_NETWORK, refusal.urn) from refusal
        _answer(correction, CorrectionState.AGREED, actor)
        step.to(awaiting=None)
    return correction


def decline_correction(
    session: Session, actor: Actor, exchange: Exchange, reason: str, *, version: int
) -> Correction:
    """Decline what the other school asks, with a reason: what was paid stays as it is.

    Raises:
        Conflict: if the exchange is no longer as the person saw it.
        Refusal: without a reason, or if it is one's own school that asks.
    """
    details = StepDetails(reason.strip())
    with transition(session, actor, exchange, Step.DECLINE_CORRECTION, version, details) as step:
        if step.is_replay:
            return latest_correction(session, exchange)
        _refuse_reason(details.text)
        correction = _to_answer(session, actor, exchange)
        _answer(correction, CorrectionState.DECLINED, actor, details.text)
        step.to(awaiting=None)
    return correction


def withdraw_correction(
    session: Session, actor: Actor, exchange: Exchange, *, version: int
) -> Correction:
    """Withdraw what one's own school has asked, also while the network is asked.

    Raises:
        Conflict: if the exchange is no longer as the person saw it.
        Refusal: if the other school asks.
    """
    with transition(session, actor, exchange, Step.WITHDRAW_CORRECTION, version) as step:
        if step.is_replay:
            return latest_correction(session, exchange)
        correction = open_correction(session, exchange)
        if correction.asked_by_urn != actor.urn:
            raise Refusal("The other school asks for this: you can agree or decline.")
        _answer(correction, CorrectionState.WITHDRAWN, actor)
        step.to(awaiting=None)
    return correction


def ask_network(session: Session, actor: Actor, exchange: Exchange, *, version: int) -> Correction:
    """Agree to what the other school asks, and ask the network to let it pass a credit limit.

    Raises:
        Conflict: if the exchange is no longer as the person saw it, or no limit is in the way.
        Refusal: if it is one's own school that asks.
    """
    with transition(
        session, actor, exchange, Step.ASK_NETWORK, version, _figure(session, exchange)
    ) as step:
        if step.is_replay:
            return latest_correction(session, exchange)
        correction = _to_answer(session, actor, exchange)
        if not _is_beyond_limit(session, exchange, correction):
            raise Conflict("No credit limit is in the way any more: you can agree to it now.")
        _answer(correction, CorrectionState.BEYOND_LIMIT, actor)
        step.to(awaiting=None)
    return correction


def let_through_limit(
    session: Session, actor: Actor, correction_id: int, *, override: Override
) -> Correction:
    """Carry out a correction beyond a credit limit, as two people of the network have decided.

    ``override`` names both, and why; the caller has seen to it that they are two, and that an
    auditor is one of them only where there is one operator.

    Raises:
        NotAllowed: without the role.
        NotFound: there is no such correction.
        Conflict: it does not wait for the network any more.
        Refusal: something else than a limit is in the way.
    """
    actor.require(Permission.AUDIT_LEDGER)
    correction, exchange = _waiting(session, correction_id)
    _carry_out(session, exchange, correction, actor.ledger_name, override=override)
    correction.state = CorrectionState.AGREED
    _record(session, actor, exchange, correction, Step.ALLOW_CORRECTION, override.reason)
    return correction


def hold_back_at_limit(
    session: Session, actor: Actor, correction_id: int, reason: str
) -> Correction:
    """Decline to let a correction pass a credit limit: what was paid stays as it is.

    Raises:
        NotAllowed: without the role.
        NotFound: there is no such correction.
        Conflict: it does not wait for the network any more.
        Refusal: without a reason.
    """
    actor.require(Permission.AUDIT_LEDGER)
    correction, exchange = _waiting(session, correction_id)
    _refuse_reason(reason)
    _answer(correction, CorrectionState.DECLINED, actor, reason.strip())
    _record(session, actor, exchange, correction, Step.REFUSE_CORRECTION, reason.strip())
    return correction


def _carry_out(
    session: Session,
    exchange: Exchange,
    correction: Correction,
    actor_name: str,
    *,
    override: Override | None = None,
    viewer_urn: int | None = None,
) -> None:
    """Reverse what was paid and post the right figure; the correction knows both."""
    correction.reversed_transaction_id = exchange.standing_transaction_id
    reposting = repost(
        session,
        exchange,
        correction.minutes,
        actor_name=actor_name,
        key=correction.reference,
        memo=f"Put right: {exchange.title}",
        override=override,
        viewer_urn=viewer_urn,
    )
    correction.reversal_id = reposting.reversal_id
    correction.transaction_id = reposting.transaction_id


def _is_beyond_limit(session: Session, exchange: Exchange, correction: Correction) -> bool:
    """Try to carry it out, and take it back."""
    savepoint = session.begin_nested()
    try:
        _carry_out(session, exchange, correction, "trial")
    except BeyondLimit:
        return True
    finally:
        savepoint.rollback()
        session.refresh(exchange)
        session.refresh(correction)
    return False


def _to_answer(session: Session, actor: Actor, exchange: Exchange) -> Correction:
    """Return the open correction, which the other school has asked for."""
    correction = open_correction(session, exchange)
    if correction.asked_by_urn == actor.urn:
        raise Refusal("Your school asks for this: it is the other school’s to answer.")
    if correction.needs_override:
        raise Conflict("The network has been asked, and decides.")
    return correction


def _answer(correction: Correction, state: CorrectionState, actor: Actor, answer: str = "") -> None:
    correction.state = state
    correction.answer = answer
    correction.answered_by_id = actor.person_id
    correction.answered_at = clock.now()


def _figure(session: Session, exchange: Exchange) -> StepDetails:
    """The figure of the latest correction, for the history of a step that agrees to it."""
    minutes = session.scalar(
        sa.select(Correction.minutes)
        .where(Correction.exchange_id == exchange.id)
        .order_by(Correction.id.desc())
        .limit(1)
    )
    return StepDetails(minutes=minutes)


def _waiting(session: Session, correction_id: int) -> tuple[Correction, Exchange]:
    """Return a correction that waits for the network, and its exchange, both locked."""
    exchange_id = session.scalar(
        sa.select(Correction.exchange_id).where(Correction.id == correction_id)
    )
    if exchange_id is None:
        raise NotFound
    exchange = session.get_one(
        Exchange, exchange_id, with_for_update={"of": Exchange}, populate_existing=True
    )
    correction = session.get_one(Correction, correction_id, populate_existing=True)
    if not correction.needs_override or exchange.state != State.CONFIRMED:
        raise Conflict("This does not wait for the network any more.")
    return correction, exchange


def _record(
    session: Session,
    actor: Actor,
    exchange: Exchange,
    correction: Correction,
    step: Step,
    text: str,
) -> None:
    """Write what the network decided into the history of the exchange."""
    now = clock.now()
    exchange.version += 1
    exchange.updated_at = now
    details = StepDetails(text, correction.minutes)
    urn = correction.asked_by_urn
    record_step(session, actor, exchange, step, now, details, school_urn=urn)
    session.flush()


def _refuse_figure(exchange: Exchange, minutes: int, policy: Policy) -> None:
    if minutes < 0:
        raise Refusal("The credits cannot be less than 0.", field="minutes")
    if minutes > exchange.minutes:
        raise Refusal(
            f"At most {credits(exchange.minutes)} can be due: that is what was agreed. Propose a"
            " further exchange for the rest.",
            field="minutes",
        )
    if minutes == exchange.standing_minutes:
        raise Refusal(f"What was paid is {credits(minutes)} already.", field="minutes")
    # What was agreed under another step is right as it is.
    if minutes % policy.smallest_step and minutes != exchange.minutes:
        raise Refusal(
            f"Credits go in steps of {policy.smallest_step} minutes"
            f" ({credits(policy.smallest_step)}): {credits(minutes)} is between two steps.",
            field="minutes",
        )


def _refuse_reason(reason: str) -> None:
    if not visible(reason):
        raise Refusal("Say why, so that the other school can follow it.", field="reason")
    if len(reason) > LONGEST_REASON:
        raise Refusal(f"Use at most {LONGEST_REASON:,} characters.", field="reason")
