"""Who is administrator of a whole trust, and how that ends."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts import sessions
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person, TrustAdministrator
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.errors import NotAllowed, NotFound
from marketplace.members.events import RolesChanged
from marketplace.members.invitations import may_name_trust_administrators
from marketplace.members.service import school_to_manage
from marketplace.outbox.service import record
from marketplace.schools.models import School


@dataclass(frozen=True, slots=True)
class TrustColleague:
    """A person who is administrator at every school of a trust."""

    person_id: int
    name: str
    email: str


def trust_administrators(session: Session, school: School) -> list[TrustColleague]:
    """Return the administrators of the school's trust, by name."""
    if school.trust_id is None:
        return []
    return [
        TrustColleague(*row)
        for row in session.execute(
            sa.select(Person.id, Person.name, Person.email)
            .join(TrustAdministrator, TrustAdministrator.person_id == Person.id)
            .where(TrustAdministrator.trust_id == school.trust_id)
            .order_by(Person.name, Person.id)
        )
    ]


def find_trust_administrator(
    session: Session, actor: Actor, urn: int, person_id: int
) -> tuple[School, TrustColleague]:
    """Return one of the administrators of the school's trust, whom ``actor`` may remove.

    Raises:
        NotAllowed: if ``actor`` is neither one of them nor an operator.
        NotFound: if the person is not one of them.
    """
    school = school_to_manage(session, actor, urn)
    if not may_name_trust_administrators(actor):
        raise NotAllowed("Only a trust’s administrator or the operator removes another one.")
    for colleague in trust_administrators(session, school):
        if colleague.person_id == person_id:
            return school, colleague
    raise NotFound


def remove_trust_administrator(session: Session, actor: Actor, urn: int, person_id: int) -> None:
    """End a person's administration of the trust that the school belongs to, at once.

    Raises:
        NotAllowed, NotFound: see ``find_trust_administrator``.
    """
    school, _ = find_trust_administrator(session, actor, urn, person_id)
    session.execute(
        sa.delete(TrustAdministrator).where(
            TrustAdministrator.trust_id == school.trust_id,
            TrustAdministrator.person_id == person_id,
        )
    )
    record_security(
        session,
        SecurityKind.ROLES_CHANGED,
        person_id=person_id,
        actor_id=actor.person_id,
        school_urn=urn,
        roles="none for the trust",
    )
    if person_id != actor.person_id:
        sessions.end_all(session, person_id, sessions.EndReason.ROLES_CHANGED)
    record(
        session,
        RolesChanged(actor_id=actor.person_id, school_urns=(urn,), person_id=person_id),
    )
