"""A trust decides what help between its schools costs."""

from __future__ import annotations

from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.errors import NotFound
from marketplace.exchanges.within_trust.events import WithinTrustRuleChanged
from marketplace.exchanges.within_trust.models import WithinTrustRule
from marketplace.exchanges.within_trust.queries import is_free
from marketplace.outbox.service import record


def set_within_trust(session: Session, actor: Actor, *, free: bool) -> None:
    """Decide for the trust of the school acted for; exchanges that are agreed stay as they are.

    Raises:
        NotAllowed: without the role.
        NotFound: the school is of no trust.
    """
    actor.require(Permission.SET_TRUST_RULES)
    if actor.trust_id is None:
        raise NotFound("Your school belongs to no trust.")
    if is_free(session, actor.trust_id, actor.trust_id) == free:
        return
    rule = WithinTrustRule(
        trust_id=actor.trust_id, free=free, person_id=actor.person_id, at=clock.now()
    )
    session.add(rule)
    session.flush()
    record(
        session,
        WithinTrustRuleChanged(
            actor_id=actor.person_id,
            school_urns=(actor.school(),),
            trust_id=rule.trust_id,
            rule_id=rule.id,
        ),
    )
