"""What the operator does: open a dispute for a school that cannot, and rule."""

from __future__ import annotations

from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.holders import school_of_role
from marketplace.accounts.roles import Permission
from marketplace.credits.formats import credits
from marketplace.errors import Conflict, NotAllowed, NotFound, Refusal
from marketplace.exchanges.disputes import events
from marketplace.exchanges.disputes.carrying_out import Decision as Decision
from marketplace.exchanges.disputes.carrying_out import carry_out
from marketplace.exchanges.disputes.models import Dispute, Outcome, Ruling
from marketplace.exchanges.disputes.queries import latest_dispute, open_dispute_of
from marketplace.exchanges.disputes.rules import (
    begin,
    can_act,
    refuse_figure,
    refuse_statement,
)
from marketplace.exchanges.models import Exchange, ExchangeEvent
from marketplace.exchanges.states import Step
from marketplace.exchanges.transitions import StepDetails, locked_step
from marketplace.schools.models import School
from marketplace.settings import current_policy
from marketplace.web.formats import day

RULINGS_OF_HELD = (Ruling.PAY, Ruling.SPLIT, Ruling.VOID)
"""What can be decided while the credits are held."""
RULINGS_OF_PAID = (Ruling.PAY, Ruling.SPLIT, Ruling.REVERSE)
"""What can be decided once the credits were paid."""
RULED_BEFORE = (
    "You have ruled on this before, so another operator looks at it again. If there is none,"
    " propose your ruling to a second person."
)


def open_for_school(
    session: Session,
    actor: Actor,
    exchange: Exchange,
    urn: int,
    *,
    minutes: int,
    text: str,
    version: int,
) -> Dispute:
    """Open a dispute for the school ``urn``, where one of the two cannot act.

    Raises:
        NotAllowed: without the role, or with one at a school concerned.
        NotFound: both schools can act for themselves, or ``urn`` is neither.
        Conflict: the exchange is no longer as the person saw it, or cannot be disputed now.
        Refusal: without words, or for a figure that cannot be right.
    """
    require_impartial(session, actor, exchange)
    schools = [
        session.get_one(School, side) for side in (exchange.provider_urn, exchange.receiver_urn)
    ]
    if all(map(can_act, schools)) or urn not in [school.urn for school in schools]:
        raise NotFound
    details = StepDetails(text.strip(), minutes)
    step = locked_step(session, actor, exchange, Step.DISPUTE, version, details, urn=urn)
    if step.is_replay:
        return latest_dispute(session, exchange)
    refuse_statement(details.text)
    refuse_figure(exchange, minutes, current_policy())
    dispute = begin(session, actor, exchange, minutes=minutes, urn=urn, by_network=True)
    step.to(
        awaiting=exchange.other_urn(urn),
        event=partial(events.DisputeOpened, dispute_id=dispute.id),
        school_urn=urn,
        at=dispute.opened_at,
    )
    return dispute


def rule(
    session: Session, actor: Actor, exchange: Exchange, decision: Decision, *, version: int
) -> Dispute:
    """Rule on the dispute over the exchange: both schools read the reasons, the credits move.

    Raises:
        NotAllowed: without the role, with one at a school concerned, or for who ruled before on
            what is looked at again.
        Conflict: something has happened since the person looked (``version``).
        BeyondLimit: a school would be beyond its credit limit: that needs two people.
        Refusal: it cannot be decided yet, or not so; it says why.
    """
    require_impartial(session, actor, exchange)
    details = StepDetails(decision.reasons.strip(), decision.minutes)
    step = locked_step(session, actor, exchange, Step.RULE, version, details, urn=None)
    if step.is_replay:
        return _decided_so(session, exchange, decision)
    dispute = dispute_to_decide(session, exchange)
    if has_ruled_before(session, dispute, actor.person_id):
        raise NotAllowed(RULED_BEFORE)
    refuse_decision(exchange, decision)
    carry_out(session, actor, dispute, exchange, decision, step, ruled_by_id=actor.person_id)
    return dispute


def why_not_impartial(session: Session, actor: Actor, exchange: Exchange) -> str | None:
    """Say why the operator may not rule on the exchange; ``None`` if they may."""
    side = school_of_role(session, actor.person_id, (exchange.provider_urn, exchange.receiver_urn))
    if side is None:
        return None
    return f"You hold a role at {side.name}, which is a side here. Another operator has to act."


def has_ruled_before(session: Session, dispute: Dispute, person_id: int) -> bool:
    """Say whether a ruling of this person, or one they approved, is looked at again here."""
    if dispute.again_by is None:
        return False
    rulings = sa.select(Dispute.id).where(
        Dispute.exchange_id == dispute.exchange_id,
        Dispute.outcome == Outcome.RULED,
        Dispute.ruled_by_id == person_id,
    )
    steps = sa.select(ExchangeEvent.id).where(
        ExchangeEvent.exchange_id == dispute.exchange_id,
        ExchangeEvent.step == Step.RULE,
        ExchangeEvent.person_id == person_id,
    )
    return bool(session.scalar(sa.select(sa.or_(rulings.exists(), steps.exists()))))


def possible_rulings(exchange: Exchange) -> tuple[Ruling, ...]:
    """Return what can be decided: it depends on whether the credits were paid."""
    return RULINGS_OF_HELD if exchange.transaction_id is None else RULINGS_OF_PAID


def can_be_decided(dispute: Dispute) -> bool:
    """Say whether the operator can rule: the other side has answered, or had its time."""
    return dispute.answered_at is not None or dispute.answer_due_at <= clock.now()


def require_impartial(session: Session, actor: Actor, exchange: Exchange) -> None:
    """Refuse who may not rule, or holds a role at one of the two schools.

    Raises:
        NotAllowed: saying why.
    """
    actor.require(Permission.RULE_DISPUTES)
    if (reason := why_not_impartial(session, actor, exchange)) is not None:
        raise NotAllowed(reason)


def dispute_to_decide(session: Session, exchange: Exchange) -> Dispute:
    """Return the open dispute over the exchange, on which the operator can rule now.

    Raises:
        Conflict: it is over.
        Refusal: the other school still has time to answer.
    """
    dispute = open_dispute_of(session, exchange)
    if dispute is None:
        raise Conflict("This dispute is over. Look again.")
    if not can_be_decided(dispute):
        raise Refusal(
            f"The other school has until {day(dispute.answer_due_at)} to answer. Rule when it has,"
            " or after that day."
        )
    return dispute


def refuse_decision(exchange: Exchange, decision: Decision) -> None:
    """Refuse a ruling that cannot be: without reasons, or with figures that do not fit it.

    Raises:
        Refusal: naming the field.
    """
    refuse_statement(decision.reasons, field="reasons")
    if decision.ruling not in possible_rulings(exchange):
        raise Refusal("That cannot be decided here. Choose one of the rulings.", field="ruling")
    policy = current_policy()
    match decision.ruling:
        case Ruling.PAY:
            if decision.minutes <= 0:
                raise Refusal("Say how many credits the receiver pays.", field="minutes")
            refuse_figure(exchange, decision.minutes, policy)
        case Ruling.SPLIT:
            if decision.minutes <= 0:
                raise Refusal("Say how many credits the receiver pays.", field="minutes")
            if decision.fund_minutes <= 0:
                raise Refusal("Say how many credits the fund pays.", field="fund_minutes")
            refuse_figure(exchange, decision.minutes, policy)
            refuse_figure(exchange, decision.fund_minutes, policy, field="fund_minutes")
            if decision.minutes + decision.fund_minutes > exchange.minutes:
                raise Refusal(
                    f"Both parts together are more than what was agreed:"
                    f" {credits(exchange.minutes)}.",
                    field="fund_minutes",
                )
        case Ruling.VOID | Ruling.REVERSE:
            if decision.minutes or decision.fund_minutes:
                raise Refusal("Nothing is due, so nothing is paid.", field="minutes")


def _decided_so(session: Session, exchange: Exchange, decision: Decision) -> Dispute:
    """Return the dispute that was decided already, if it was by this very decision."""
    dispute = latest_dispute(session, exchange)
    if (dispute.ruling, dispute.fund_minutes) != (decision.ruling, decision.fund_minutes):
        raise Conflict("You have decided otherwise since you opened this page. Look again.")
    return dispute
