"""The rule that the two schools of an exchange act through different people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.accounts.holders import holders
from marketplace.accounts.models import Person
from marketplace.accounts.roles import Permission
from marketplace.errors import NotAllowed
from marketplace.exchanges.models import Exchange, ExchangeEvent
from marketplace.exchanges.same_person.models import SamePersonRule
from marketplace.schools.models import School

NAMES_SHOWN = 3


def people_acting_for(steps: Iterable[ExchangeEvent], urn: int) -> set[int]:
    """Return who has taken steps for the school ``urn``, or for one that it carries on for."""
    return {
        step.person_id
        for step in steps
        if step.person_id is not None and urn in (step.school_urn, step.school.continued_by_urn)
    }


def refuse_same_person(
    session: Session, actor: Actor, exchange: Exchange, steps: Sequence[ExchangeEvent]
) -> None:
    """Refuse a step by a person who has acted for the other school of ``exchange``.

    Where the trust of both schools allows it, the exchange is marked instead. ``steps`` is its
    history.

    Raises:
        NotAllowed: it says who may.
    """
    if bar := why_not(session, actor, exchange, steps):
        raise NotAllowed(bar)
    if actor.person_id in people_acting_for(steps, exchange.other_urn(actor.urn)):
        exchange.same_person = True


def why_not(
    session: Session, actor: Actor, exchange: Exchange, steps: Sequence[ExchangeEvent]
) -> str:
    """Say that somebody else at the school has to act, and who may; "" if ``actor`` may."""
    acting = people_acting_for(steps, exchange.other_urn(actor.urn))
    if actor.person_id not in acting or _is_allowed(session, exchange):
        return ""
    ours, theirs = _schools(session, actor.school(), exchange.other_urn(actor.urn))
    others = [
        person
        for person in holders(session, ours.urn, Permission.AGREE_EXCHANGES)
        if person.id not in acting
    ]
    return (
        f"You have acted for {theirs.name} in this exchange, so somebody else has to act for"
        f" {ours.name}: {_who_may(others)}."
    )


def _is_allowed(session: Session, exchange: Exchange) -> bool:
    """Say whether both schools are of one trust that allows one person on both sides."""
    provider, receiver = _schools(session, exchange.provider_urn, exchange.receiver_urn)
    if provider.trust_id is None or provider.trust_id != receiver.trust_id:
        return False
    rule = current_rule(session, provider.trust_id)
    return rule is not None and rule.allowed


def current_rule(session: Session, trust_id: int) -> SamePersonRule | None:
    """Return the trust's latest decision; ``None`` if it has never decided: not allowed."""
    return session.scalar(
        sa.select(SamePersonRule)
        .where(SamePersonRule.trust_id == trust_id)
        .order_by(SamePersonRule.id.desc())
        .limit(1)
    )


def _schools(session: Session, first_urn: int, second_urn: int) -> tuple[School, School]:
    return session.get_one(School, first_urn), session.get_one(School, second_urn)


def _who_may(people: Sequence[Person]) -> str:
    if not people:
        return "ask an administrator of the school to name another coordinator"
    names = [person.name for person in people[:NAMES_SHOWN]]
    if len(people) > NAMES_SHOWN:
        names = [*names[:-1], f"{len(people) - NAMES_SHOWN + 1} others"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
