"""What the operator does: open a dispute for a school that cannot, rule, and rule by two people."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.holders import school_of_role
from marketplace.accounts.roles import Permission
from marketplace.credits.formats import credits
from marketplace.credits.reposting import Override
from marketplace.errors import Conflict, NotAllowed, NotFound, Refusal
from marketplace.exchanges.disputes import events
from marketplace.exchanges.disputes.effects import pay
from marketplace.exchanges.disputes.models import Dispute, Outcome, Ruling
from marketplace.exchanges.disputes.queries import latest_dispute, open_dispute_of
from marketplace.exchanges.disputes.rules import (
    begin,
    can_act,
    end,
    forget_ruling,
    refuse_figure,
    refuse_statement,
)
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.states import Step
from marketplace.exchanges.transitions import StepDetails, StepInProgress, locked_step
from marketplace.schools.models import School
from marketplace.settings import current_policy
from marketplace.web.formats import day

RULINGS_OF_HELD = (Ruling.PAY, Ruling.SPLIT, Ruling.VOID)
"""What can be decided while the credits are held."""
RULINGS_OF_PAID = (Ruling.PAY, Ruling.SPLIT, Ruling.REVERSE)
"""What can be decided once the credits were paid."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A ruling: ``minutes`` is what the receiver pays in all, ``fund_minutes`` the fund's part."""

    ruling: Ruling
    minutes: int
    fund_minutes: int
    reasons: str


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
    _require(session, actor, exchange)
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
        NotAllowed: without the role, or with one at a school concerned.
        Conflict: something has happened since the person looked (``version``).
        BeyondLimit: a school would be beyond its credit limit: that needs two people.
        Refusal: it cannot be decided yet, or not so; it says why.
    """
    step = _step(session, actor, exchange, Step.RULE, decision, version)
    if step.is_replay:
        return _decided_so(session, exchange, decision)
    dispute = _to_decide(session, exchange)
    _refuse_decision(exchange, decision)
    _write_down(dispute, actor, decision)
    _carry_out(session, actor, dispute, exchange, decision, step)
    return dispute


def propose_ruling(
    session: Session, actor: Actor, exchange: Exchange, decision: Decision, *, version: int
) -> Dispute:
    """Propose a ruling that a second operator has to approve: it may break a credit limit.

    Raises:
        NotAllowed, Conflict, Refusal: as for ``rule``.
    """
    step = _step(session, actor, exchange, Step.PROPOSE_RULING, decision, version)
    if step.is_replay:
        return _decided_so(session, exchange, decision)
    dispute = _to_decide(session, exchange)
    _refuse_decision(exchange, decision)
    _write_down(dispute, actor, decision)
    step.to(
        awaiting=exchange.awaiting_urn,
        event=partial(events.RulingProposed, dispute_id=dispute.id),
        school_urn=dispute.opened_by_urn,
    )
    return dispute


def approve_ruling(session: Session, actor: Actor, exchange: Exchange, *, version: int) -> Dispute:
    """Approve the ruling that another operator proposed: it is carried out, beyond limits too.

    Raises:
        NotAllowed: without the role, with one at a school concerned, or for one's own proposal.
        Conflict: something has happened since the person looked.
        Refusal: the ledger cannot carry it out; it says why.
    """
    _require(session, actor, exchange)
    # Locked before it is read: another ruling may be proposed at this moment.
    session.refresh(exchange, with_for_update={"of": Exchange})
    pending = _pending(session, exchange)
    if pending is None or pending.ruled_by_id is None:
        raise Conflict("This ruling no longer waits for a second person. Look again.")
    if pending.ruled_by_id == actor.person_id:
        raise NotAllowed("You proposed this ruling, so somebody else has to approve it.")
    decision = _decision_of(pending)
    step = _step(session, actor, exchange, Step.RULE, decision, version)
    if step.is_replay:
        return latest_dispute(session, exchange)
    dispute = _to_decide(session, exchange)
    dispute.approved_by_id = actor.person_id
    reason = (
        f"Ruling on dispute {dispute.id}, proposed by person:{dispute.ruled_by_id} and approved by"
        f" person:{actor.person_id}"
    )
    override = Override(actor=actor.ledger_name, reason=reason)
    _carry_out(session, actor, dispute, exchange, decision, step, override)
    return dispute


def refuse_ruling(
    session: Session, actor: Actor, exchange: Exchange, reason: str, *, version: int
) -> Dispute:
    """Refuse a ruling that was proposed, or take back one's own: the dispute is to be decided.

    Raises:
        NotAllowed: without the role, or with one at a school concerned.
        Conflict: something has happened since the person looked.
        Refusal: without a reason.
    """
    _require(session, actor, exchange)
    details = StepDetails(reason.strip())
    step = locked_step(session, actor, exchange, Step.REFUSE_RULING, version, details, urn=None)
    if step.is_replay:
        return latest_dispute(session, exchange)
    dispute = _pending(session, exchange)
    if dispute is None:
        raise Conflict("This ruling no longer waits for a second person. Look again.")
    refuse_statement(details.text, field="reason")
    forget_ruling(dispute)
    step.to(
        awaiting=exchange.awaiting_urn,
        event=partial(events.RulingRefused, dispute_id=dispute.id),
        school_urn=dispute.opened_by_urn,
    )
    return dispute


def why_not_impartial(session: Session, actor: Actor, exchange: Exchange) -> str | None:
    """Say why the operator may not rule on the exchange; ``None`` if they may."""
    side = school_of_role(session, actor.person_id, (exchange.provider_urn, exchange.receiver_urn))
    if side is None:
        return None
    return f"You hold a role at {side.name}, which is a side here. Another operator has to act."


def possible_rulings(exchange: Exchange) -> tuple[Ruling, ...]:
    """Return what can be decided: it depends on whether the credits were paid."""
    return RULINGS_OF_HELD if exchange.transaction_id is None else RULINGS_OF_PAID


def can_be_decided(dispute: Dispute) -> bool:
    """Say whether the operator can rule: the other side has answered, or had its time."""
    return dispute.answered_at is not None or dispute.answer_due_at <= clock.now()


def _require(session: Session, actor: Actor, exchange: Exchange) -> None:
    actor.require(Permission.RULE_DISPUTES)
    if (reason := why_not_impartial(session, actor, exchange)) is not None:
        raise NotAllowed(reason)


def _step(
    session: Session,
    actor: Actor,
    exchange: Exchange,
    step: Step,
    decision: Decision,
    version: int,
) -> StepInProgress:
    _require(session, actor, exchange)
    details = StepDetails(decision.reasons.strip(), decision.minutes)
    return locked_step(session, actor, exchange, step, version, details, urn=None)


def _decided_so(session: Session, exchange: Exchange, decision: Decision) -> Dispute:
    """Return the dispute that was decided already, if it was by this very decision."""
    dispute = latest_dispute(session, exchange)
    if (dispute.ruling, dispute.fund_minutes) != (decision.ruling, decision.fund_minutes):
        raise Conflict("You have decided otherwise since you opened this page. Look again.")
    return dispute


def _to_decide(session: Session, exchange: Exchange) -> Dispute:
    dispute = open_dispute_of(session, exchange)
    if dispute is None:
        raise Conflict("This dispute is over. Look again.")
    if not can_be_decided(dispute):
        raise Refusal(
            f"The other school has until {day(dispute.answer_due_at)} to answer. Rule when it has,"
            " or after that day."
        )
    return dispute


def _pending(session: Session, exchange: Exchange) -> Dispute | None:
    dispute = open_dispute_of(session, exchange)
    return dispute if dispute is not None and dispute.is_proposed else None


def _refuse_decision(exchange: Exchange, decision: Decision) -> None:
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


def _write_down(dispute: Dispute, actor: Actor, decision: Decision) -> None:
    dispute.ruling = decision.ruling
    dispute.ruled_minutes = decision.minutes
    dispute.fund_minutes = decision.fund_minutes
    dispute.reasons = decision.reasons.strip()
    dispute.ruled_by_id = actor.person_id
    dispute.ruled_at = clock.now()


def _decision_of(dispute: Dispute) -> Decision:
    assert dispute.ruling is not None
    return Decision(
        Ruling(dispute.ruling), dispute.ruled_minutes or 0, dispute.fund_minutes, dispute.reasons
    )


def _carry_out(
    session: Session,
    actor: Actor,
    dispute: Dispute,
    exchange: Exchange,
    decision: Decision,
    step: StepInProgress,
    override: Override | None = None,
) -> None:
    """Move the credits, end the dispute, and take the step."""
    target = pay(
        session,
        actor,
        dispute,
        exchange,
        decision.minutes,
        memo=f"{exchange.title} (ruling on dispute {dispute.id})",
        fund_minutes=decision.fund_minutes,
        override=override,
    )
    end(dispute, Outcome.RULED)
    step.to(
        awaiting=None,
        target=State(target),
        event=partial(events.DisputeRuled, dispute_id=dispute.id),
        school_urn=dispute.opened_by_urn,
    )
