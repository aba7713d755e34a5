"""Erasing a person: what others refer to stays, and says nothing of the person any more.

The books stay whole. The ledger, messages, listings and the history of exchanges refer to a person
by number; the row with that number stays and is called “Former member of staff”.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.events import PersonErased
from marketplace.accounts.models import Person, RoleGrant, TrustGrant
from marketplace.accounts.queries import administrators_of
from marketplace.accounts.roles import Permission, Role
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.errors import NotFound, Refusal
from marketplace.outbox.service import record
from marketplace.privacy.holdings import forget
from marketplace.schools.models import School

FORMER_STAFF = "Former member of staff"
"""The name of everyone who was erased."""


class Reason(StrEnum):
    """Why a person is erased."""

    ASKED = "asked"
    LEFT = "left"
    MISTAKE = "mistake"
    RETENTION = "retention"


def erase_person(
    session: Session, actor: Actor, person_id: int, *, reason: Reason = Reason.ASKED
) -> Person:
    """Erase a person: oneself, or anyone as an operator. A second time changes nothing.

    Raises:
        NotAllowed: if it is another person, and the actor does not run the network.
        NotFound: if there is no such person.
        Refusal: if a school, or the network, would be left without its only administrator.
    """
    if person_id != actor.person_id:
        actor.require(Permission.MANAGE_NETWORK)
    return erase(session, person_id, reason, actor_id=actor.person_id)


def erase(
    session: Session, person_id: int, reason: Reason, *, actor_id: int | None = None
) -> Person:
    """Erase a person without asking who does it: for a command or a scheduled job.

    Name and address are replaced, the account can never be used again, and what the features hold
    on the person goes as far as each of them says (``privacy.holdings``).

    Raises:
        NotFound: if there is no such person.
        Refusal: if a school, or the network, would be left without its only administrator.
    """
    person = session.get(Person, person_id, with_for_update=True, populate_existing=True)
    if person is None:
        raise NotFound
    if person.erased_at is not None:
        return person
    _refuse_last_administrator(session, person_id)
    urns = session.scalars(
        sa.select(RoleGrant.school_urn)
        .where(RoleGrant.person_id == person_id, RoleGrant.school_urn.is_not(None))
        .distinct()
        .order_by(RoleGrant.school_urn)
    ).all()
    forget(session, person_id)
    person.name = FORMER_STAFF
    # A name that no mail server has (RFC 2606), so nobody can sign in or be sent mail with it.
    person.email = f"erased-{person_id}@erased.invalid"
    person.password_hash = None
    person.active = False
    person.listed_at = None
    person.without_role_since = None
    person.erased_at = clock.now()
    session.flush()
    record_security(
        session, SecurityKind.ERASED, person_id=person_id, actor_id=actor_id, reason=reason
    )
    record(
        session,
        PersonErased(
            actor_id=actor_id,
            school_urns=tuple(urn for urn in urns if urn is not None),
            person_id=person_id,
        ),
    )
    return person


def erase_without_role(session: Session, before: datetime) -> int:
    """Erase the people who have held no role since ``before``; return how many.

    A role at a school that has closed counts for nothing. When a person was first seen without a
    role is noted here, so this has to run every day.
    """
    at_a_school_or_the_network = (
        sa.select(RoleGrant.id)
        .outerjoin(School, School.urn == RoleGrant.school_urn)
        .where(
            RoleGrant.person_id == Person.id,
            sa.or_(RoleGrant.school_urn.is_(None), School.status != "closed"),
        )
        .exists()
    )
    note = sa.update(Person).execution_options(synchronize_session=False)
    has_role = sa.or_(
        at_a_school_or_the_network,
        sa.exists().where(TrustGrant.person_id == Person.id),
    )
    session.execute(
        note.where(Person.without_role_since.is_not(None), has_role).values(without_role_since=None)
    )
    session.execute(
        note.where(
            Person.without_role_since.is_(None), Person.erased_at.is_(None), ~has_role
        ).values(without_role_since=clock.now())
    )
    person_ids = session.scalars(
        sa.select(Person.id).where(Person.without_role_since < before).order_by(Person.id)
    ).all()
    for person_id in person_ids:
        erase(session, person_id, Reason.RETENTION)
    return len(person_ids)


def _refuse_last_administrator(session: Session, person_id: int) -> None:
    """Refuse to erase the only person who decides who uses an open school, or the network.

    The schools are locked, so that two administrators cannot both go at the same instant.
    """
    own = sa.select(RoleGrant.school_urn).where(
        RoleGrant.person_id == person_id, RoleGrant.role == Role.ADMINISTRATOR
    )
    trusts = sa.select(TrustGrant.trust_id).where(
        TrustGrant.person_id == person_id, TrustGrant.role == Role.TRUST_ADMINISTRATOR
    )
    schools = session.scalars(
        sa.select(School)
        .where(
            sa.or_(School.urn.in_(own), School.trust_id.in_(trusts)),
            School.joined_at.is_not(None),
            School.status != "closed",
        )
        .order_by(School.urn)
        .with_for_update(key_share=True)
    ).all()
    for school in schools:
        if administrators_of(session, school.urn) == {person_id}:
            raise Refusal(
                f"This is the only administrator of {school.name}. Invite another one first; it"
                " counts once they have accepted."
            )
    operators = set(
        session.scalars(
            sa.select(RoleGrant.person_id)
            .join(Person, Person.id == RoleGrant.person_id)
            .where(RoleGrant.role == Role.OPERATOR, Person.active)
        )
    )
    if operators == {person_id}:
        raise Refusal(
            "This is the only operator of the network. Make another person an operator first."
        )
