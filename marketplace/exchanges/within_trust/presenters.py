"""What help between two schools costs, in words, before anything is proposed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.exchanges.costs import free_within_trust
from marketplace.exchanges.within_trust.queries import is_free
from marketplace.schools.models import School


def free_with(session: Session, actor: Actor, school: School) -> str:
    """Return "Free within Harbour Learning Trust" where ``school``, with its trust, helps so.

    It is "" for one's own school, and for all schools whose help costs what two schools agree.
    """
    if actor.urn is None or actor.urn == school.urn or school.trust is None:
        return ""
    if not is_free(session, actor.trust_id, school.trust_id):
        return ""
    return free_within_trust(school.trust.name)
