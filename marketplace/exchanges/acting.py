"""What a person may do for their school in an exchange: the rules of its verbs, for its pages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.exchanges.frozen.rules import unused_permit, why_not_pay
from marketplace.exchanges.models import Exchange, ExchangeEvent, State
from marketplace.exchanges.queries import history
from marketplace.exchanges.same_person.rules import why_not as why_not_same_person
from marketplace.exchanges.states import ENDING, Step, steps_for
from marketplace.exchanges.transitions import WITH_PAUSED
from marketplace.exchanges.within_trust.rules import why_not_at_its_price
from marketplace.schools import standing


def steps_of(
    session: Session, actor: Actor, exchange: Exchange, steps: list[ExchangeEvent]
) -> tuple[list[Step], str]:
    """Return the steps that ``actor`` may take now, and why not the rest; "" if nothing is barred.

    ``steps`` is the history of the exchange. A person whose role does not let them act may take
    none; for whom it waits then, the page says itself.
    """
    if not replace(actor, pause_reason=None).may(Permission.AGREE_EXCHANGES):
        return [], ""
    possible = steps_for(exchange, actor.school())
    allowed, why_not = _allowed(session, actor, exchange, steps, possible)
    left = [step for step in possible if step in allowed]
    # What may be done in a dispute is not among the steps, and is barred all the same. A proposal
    # that nobody can agree to concerns its proposer, too.
    always_said = (State.DISPUTED, State.PROPOSED)
    return left, why_not if left != possible or exchange.state in always_said else ""


def why_not_act(session: Session, actor: Actor, exchange: Exchange) -> str:
    """Say that somebody else at the school has to act, and who may; "" if ``actor`` may."""
    return why_not_same_person(session, actor, exchange, history(session, exchange))


def other_is_paused(actor: Actor, exchange: Exchange) -> bool:
    """Say whether the operator has paused the other school, so that nothing is agreed with it."""
    other = exchange.receiver if exchange.provider_urn == actor.urn else exchange.provider
    return other.paused_at is not None


def _allowed(
    session: Session,
    actor: Actor,
    exchange: Exchange,
    steps: list[ExchangeEvent],
    possible: list[Step],
) -> tuple[Collection[Step], str]:
    """Of the ``possible`` steps those that nothing bars, and what bars the rest."""
    is_paused = actor.pause_reason is not None
    if why_not := why_not_same_person(session, actor, exchange, steps):
        return () if is_paused else ENDING, why_not
    if is_paused or other_is_paused(actor, exchange):
        allowed: set[Step] = set() if is_paused else set(WITH_PAUSED)
        # What the operator lets through is confirmed though a school is paused.
        if Step.CONFIRM in possible and unused_permit(session, exchange) is not None:
            return allowed | {Step.CONFIRM}, ""
        if is_paused or exchange.state == State.DISPUTED:
            return allowed, ""
        other = exchange.receiver if exchange.provider_urn == actor.urn else exchange.provider
        return allowed, standing.why_not(other, other.name) or ""
    if exchange.state == State.PROPOSED and (why_not := why_not_at_its_price(session, exchange)):
        return ENDING, why_not
    if Step.CONFIRM in possible and (why_not := why_not_pay(session, exchange)):
        return set(possible) - {Step.CONFIRM}, why_not
    return possible, ""
