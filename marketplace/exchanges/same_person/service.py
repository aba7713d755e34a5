"""A trust decides whether one person may act for two of its schools in one exchange."""

from __future__ import annotations

from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.errors import NotFound
from marketplace.exchanges.same_person.events import SamePersonRuleChanged
from marketplace.exchanges.same_person.models import SamePersonRule
from marketplace.exchanges.same_person.rules import current_rule
from marketplace.outbox.service import record


def allow_same_person(session: Session, actor: Actor, allowed: bool) -> SamePersonRule | None:
    """Decide for the trust of the school acted for; what it has decided already stays as it is.

    Raises:
        NotAllowed: without the role.
        NotFound: the school is of no trust.
    """
    actor.require(Permission.SET_TRUST_RULES)
    if actor.trust_id is None:
        raise NotFound("Your school belongs to no trust.")
    rule = current_rule(session, actor.trust_id)
    if (rule is not None and rule.allowed) == allowed:
        return rule
    rule = SamePersonRule(
        trust_id=actor.trust_id, allowed=allowed, person_id=actor.person_id, at=clock.now()
    )
    session.add(rule)
    session.flush()
    record(
        session,
        SamePersonRuleChanged(
            actor_id=actor.person_id,
            school_urns=(actor.school(),),
            trust_id=rule.trust_id,
            rule_id=rule.id,
        ),
    )
    return rule
