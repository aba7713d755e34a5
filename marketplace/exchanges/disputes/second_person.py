"""A ruling that takes two people: one proposes it as an adjustment, and another approves it."""

from __future__ import annotations

from functools import partial

from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.credits.reposting import Override
from marketplace.errors import Conflict
from marketplace.exchanges.disputes import events
from marketplace.exchanges.disputes.carrying_out import Decision, carry_out
from marketplace.exchanges.disputes.models import Dispute
from marketplace.exchanges.disputes.queries import get_dispute
from marketplace.exchanges.disputes.rulings import (
    dispute_to_decide,
    refuse_decision,
    require_impartial,
)
from marketplace.exchanges.models import Exchange
from marketplace.exchanges.states import Step
from marketplace.exchanges.transitions import (
    NO_DETAILS,
    StepDetails,
    StepInProgress,
    locked_step,
)


def refuse_proposal(session: Session, dispute: Dispute, decision: Decision) -> None:
    """Refuse a ruling that cannot be, or on a dispute that cannot be decided now.

    Raises:
        Conflict: the dispute is over.
        Refusal: it says why not.
    """
    if dispute_to_decide(session, dispute.exchange).id != dispute.id:
        raise Conflict("This dispute is over. Look again.")
    refuse_decision(dispute.exchange, decision)


def await_second_person(
    session: Session, actor: Actor, dispute_id: int, adjustment_id: int
) -> Dispute:
    """Let the dispute wait for the second person who decides about the adjustment.

    Raises:
        NotAllowed: without the role, or with one at a school concerned.
        Conflict: the dispute is over.
    """
    dispute, exchange = _locked(session, dispute_id)
    require_impartial(session, actor, exchange)
    dispute_to_decide(session, exchange)
    dispute.adjustment_id = adjustment_id
    _take(session, actor, dispute, Step.PROPOSE_RULING)
    return dispute


def rule_by_two(
    session: Session,
    actor: Actor,
    dispute_id: int,
    decision: Decision,
    *,
    proposed_by_id: int,
    override: Override,
) -> Dispute:
    """Carry out a ruling that one person proposed and another, the actor, has approved.

    ``override`` names both, and lets a credit limit be broken; the caller has seen to it that they
    are two, without a role at a school concerned, and that an auditor is one of them only where
    there is one operator.

    Raises:
        NotAllowed: without the role.
        Conflict: the dispute is over.
        Refusal: the ledger cannot carry it out; it says why.
    """
    actor.require(Permission.AUDIT_LEDGER)
    dispute, exchange = _locked(session, dispute_id)
    refuse_proposal(session, dispute, decision)
    details = StepDetails(decision.reasons.strip(), decision.minutes)
    carry_out(
        session,
        actor,
        dispute,
        exchange,
        decision,
        _step(session, actor, exchange, Step.RULE, details),
        ruled_by_id=proposed_by_id,
        override=override,
    )
    return dispute


def turn_down_ruling(session: Session, actor: Actor, dispute_id: int) -> Dispute:
    """Let the dispute be decided anew: the ruling was refused, or whoever proposed it took it back.

    A dispute that is over meanwhile stays as it is.

    Raises:
        NotAllowed: without the role.
    """
    actor.require(Permission.AUDIT_LEDGER)
    dispute, _exchange = _locked(session, dispute_id)
    if dispute.is_proposed:
        dispute.adjustment_id = None
        _take(session, actor, dispute, Step.REFUSE_RULING)
    return dispute


def _locked(session: Session, dispute_id: int) -> tuple[Dispute, Exchange]:
    """The dispute as it is now, and its exchange, locked."""
    dispute = get_dispute(session, dispute_id)
    session.refresh(dispute.exchange, with_for_update={"of": Exchange})
    session.refresh(dispute, ["adjustment_id", "ended_at"])
    return dispute, dispute.exchange


def _step(
    session: Session, actor: Actor, exchange: Exchange, step: Step, details: StepDetails
) -> StepInProgress:
    return locked_step(session, actor, exchange, step, exchange.version, details, urn=None)


def _take(session: Session, actor: Actor, dispute: Dispute, step: Step) -> None:
    exchange = dispute.exchange
    kind = events.RulingProposed if step is Step.PROPOSE_RULING else events.RulingRefused
    _step(session, actor, exchange, step, NO_DETAILS).to(
        awaiting=exchange.awaiting_urn,
        event=partial(kind, dispute_id=dispute.id),
        school_urn=dispute.opened_by_urn,
    )
