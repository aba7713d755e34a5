"""Who holds a role for a whole trust, and how that ends."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts import sessions
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person, TrustGrant
from marketplace.accounts.roles import Role
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.errors import NotAllowed, NotFound
from marketplace.members.events import RolesChanged
from marketplace.members.invitations import may_give_trust_roles, trust_roles_of
from marketplace.members.service import school_to_manage
from marketplace.outbox.service import record
from marketplace.schools.models import School


@dataclass(frozen=True, slots=True)
class TrustColleague:
    """A person who holds a role at every school of a trust."""

    person_id: int
    name: str
    email: str
    role: Role


def trust_colleagues(session: Session, school: School) -> list[TrustColleague]:
    """Return who holds which role for the school's trust: administrators first, then by name."""
    if school.trust_id is None:
        return []
    return [
        TrustColleague(person_id, name, email, Role(role))
        for person_id, name, email, role in session.execute(
            sa.select(Person.id, Person.name, Person.email, TrustGrant.role)
            .join(TrustGrant, TrustGrant.person_id == Person.id)
            .where(TrustGrant.trust_id == school.trust_id)
            .order_by(TrustGrant.role, Person.name, Person.id)
        )
    ]


def find_trust_colleague(
    session: Session, actor: Actor, urn: int, person_id: int, role: Role
) -> tuple[School, TrustColleague]:
    """Return who holds ``role`` for the school's trust, and whom ``actor`` may take it from.

    Raises:
        NotAllowed: if ``actor`` is neither an administrator of the trust nor an operator.
        NotFound: if the person does not hold it.
    """
    school = school_to_manage(session, actor, urn)
    if not may_give_trust_roles(actor):
        raise NotAllowed("Only a trust’s administrator or the operator takes such a role away.")
    for colleague in trust_colleagues(session, school):
        if (colleague.person_id, colleague.role) == (person_id, role):
            return school, colleague
    raise NotFound


def remove_trust_role(session: Session, actor: Actor, urn: int, person_id: int, role: Role) -> None:
    """End a person's role for the trust that the school belongs to, at once.

    Raises:
        NotAllowed, NotFound: see ``find_trust_colleague``.
    """
    school, _ = find_trust_colleague(session, actor, urn, person_id, role)
    trust_id = school.trust_id
    assert trust_id is not None  # else nobody would hold a role for it
    session.execute(
        sa.delete(TrustGrant).where(
            TrustGrant.trust_id == trust_id,
            TrustGrant.person_id == person_id,
            TrustGrant.role == role,
        )
    )
    remaining = trust_roles_of(session, trust_id, person_id)
    labels = ", ".join(other.label for other in sorted(remaining))
    record_security(
        session,
        SecurityKind.ROLES_CHANGED,
        person_id=person_id,
        actor_id=actor.person_id,
        school_urn=urn,
        roles=labels or "none for the trust",
    )
    if person_id != actor.person_id:
        sessions.end_all(session, person_id, sessions.EndReason.ROLES_CHANGED)
    record(
        session,
        RolesChanged(actor_id=actor.person_id, school_urns=(urn,), person_id=person_id),
    )
