"""What follows when a claim is good: the school joins, and the person becomes administrator."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts import sessions
from marketplace.accounts.actor import Actor
from marketplace.accounts.ledger_actor import LedgerActor
from marketplace.accounts.models import Person, RoleGrant, TrustGrant
from marketplace.accounts.roles import Role
from marketplace.accounts.second_factors import factors
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.accounts.service import grant_role
from marketplace.accounts.single_sign_on.models import Identity
from marketplace.claims import emails
from marketplace.claims.events import ClaimOvertaken
from marketplace.claims.models import Claim, ClaimState
from marketplace.errors import Refusal
from marketplace.members.events import RolesChanged
from marketplace.network.joining import join
from marketplace.outbox.service import record
from marketplace.schools.models import School
from marketplace.settings import Policy


def accept(
    session: Session, claim: Claim, school: School, policy: Policy, *, by: Actor | None = None
) -> Person:
    """Bring ``school`` in, make the claimant its administrator, and e-mail them the way in.

    The caller has locked the school and the claim. Without ``by`` the school's own domain decides.

    Raises:
        Refusal: if the account of the address is switched off, or if the school is not open.
    """
    person = _person_of(session, claim)
    name_in_ledger = by.ledger_name if by is not None else str(LedgerActor(person.id))
    join(session, school, policy, actor=name_in_ledger)
    roles = claim.asked_roles | {Role.ADMINISTRATOR}
    for role in sorted(roles):
        grant_role(session, person, role, school)
    actor_id = by.person_id if by is not None else person.id
    record_security(
        session,
        SecurityKind.ROLES_CHANGED,
        person_id=person.id,
        actor_id=actor_id,
        school_urn=school.urn,
        roles=", ".join(sorted(roles)),
    )
    sessions.end_all(session, person.id, sessions.EndReason.ROLES_CHANGED)
    record(session, RolesChanged(actor_id=actor_id, school_urns=(school.urn,), person_id=person.id))
    claim.state, claim.person_id, claim.decided_at = ClaimState.ACCEPTED, person.id, clock.now()
    session.flush()
    emails.send_acceptance(session, claim, school, person)
    _overtake_others(session, claim, school)
    return person


def _person_of(session: Session, claim: Claim) -> Person:
    """The account of the address, made if there is none.

    The address has been confirmed, so its holder may have the account. One that holds no role any
    more starts afresh: an address such as head@ goes on to the next person, and nothing with which
    the last one signed in may open it.
    """
    person = session.scalar(
        sa.select(Person).where(Person.email == claim.email).with_for_update(key_share=True)
    )
    if person is None:
        person = Person(email=claim.email, name=claim.name, created_at=clock.now(), active=True)
        session.add(person)
        session.flush()
    elif not person.active:
        raise Refusal(
            f"The account of {claim.email} is switched off. Write to the network’s operator, or"
            " claim the school with another address."
        )
    elif not _has_role(session, person):
        person.password_hash, person.name = None, claim.name
        session.execute(sa.delete(Identity).where(Identity.person_id == person.id))
        factors.reset(session, person)
    return person


def _has_role(session: Session, person: Person) -> bool:
    """Whether the person holds a role at a school, for a trust or for the network."""
    held = sa.exists().where(RoleGrant.person_id == person.id)
    of_trust = sa.exists().where(TrustGrant.person_id == person.id)
    return bool(session.scalar(sa.select(sa.or_(held, of_trust))))


def _overtake_others(session: Session, claim: Claim, school: School) -> None:
    """Tell the others whose claims for the school waited that it has an administrator now."""
    others = session.scalars(
        sa.select(Claim)
        .where(
            Claim.school_urn == school.urn,
            Claim.state == ClaimState.WAITING,
            Claim.id != claim.id,
        )
        .order_by(Claim.id)
        .with_for_update()
    ).all()
    for other in others:
        other.state, other.decided_at = ClaimState.OVERTAKEN, clock.now()
        session.flush()
        emails.send_overtaken(session, other, school)
        record(
            session,
            ClaimOvertaken(actor_id=None, school_urns=(school.urn,), claim_id=other.id),
        )
