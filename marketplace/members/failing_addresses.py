"""Addresses that take no e-mail: whose they are at a school, and having them tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person, RoleGrant
from marketplace.accounts.roles import Permission
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.accounts.service import find_by_email
from marketplace.errors import NotFound
from marketplace.mail.models import FailingAddress
from marketplace.mail.service import mark_working, note_failure_seen
from marketplace.members.events import AddressTriedAgain
from marketplace.members.models import Invitation
from marketplace.members.service import colleague, school_to_manage
from marketplace.outbox.service import record


@dataclass(frozen=True, slots=True)
class FailingColleague:
    """A colleague, or (without ``person_id``) somebody invited, whose address takes no e-mail."""

    person_id: int | None
    name: str
    address: str
    since: datetime
    reason: str


def failing_colleagues(session: Session, urn: int) -> list[FailingColleague]:
    """Return whose addresses fail among the school's people and those invited, by address."""
    people = sa.select(Person.id.label("person_id"), Person.name, Person.email).where(
        Person.id.in_(sa.select(RoleGrant.person_id).where(RoleGrant.school_urn == urn))
    )
    invited = sa.select(sa.null(), Invitation.name, Invitation.email).where(
        Invitation.school_urn == urn,
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > clock.now(),
    )
    known = sa.union_all(people, invited).subquery()
    rows = session.execute(
        sa.select(
            known.c.person_id,
            known.c.name,
            FailingAddress.address,
            FailingAddress.failed_at,
            FailingAddress.reason,
        )
        .join(FailingAddress, FailingAddress.address == known.c.email)
        .order_by(FailingAddress.address)
    )
    return [FailingColleague(*row) for row in rows]


def try_colleague_again(session: Session, actor: Actor, urn: int, person_id: int) -> bool:
    """Let e-mails be sent again to the address of a colleague; return whether it was failing.

    Raises:
        NotAllowed, NotFound: as for every change to the school's people.
    """
    school_to_manage(session, actor, urn, lock=True)
    person, _ = colleague(session, urn, person_id)
    return _try_again(session, actor, person.email, person, urn)


def try_address_again(session: Session, actor: Actor, address: str) -> bool:
    """Let e-mails be sent to any address again; return whether it was failing.

    Raises:
        NotAllowed: if the actor does not run the network.
    """
    actor.require(Permission.MANAGE_NETWORK)
    return _try_again(session, actor, address, find_by_email(session, address), None)


def note_failure(session: Session, actor: Actor, email_id: int) -> bool:
    """Note that the operator has seen that an e-mail did not arrive; return whether it was new.

    Raises:
        NotAllowed: if the actor does not run the network.
    """
    actor.require(Permission.MANAGE_NETWORK)
    return note_failure_seen(session, email_id)


def _try_again(
    session: Session, actor: Actor, address: str, person: Person | None, urn: int | None
) -> bool:
    try:
        was_failing = mark_working(session, address)
    except ValueError as error:
        raise NotFound("This is not an e-mail address.") from error
    if not was_failing:
        return False
    person_id = person.id if person is not None else None
    record_security(
        session,
        SecurityKind.ADDRESS_WORKS_AGAIN,
        person_id=person_id,
        actor_id=actor.person_id,
        school_urn=urn,
    )
    schools = () if urn is None else (urn,)
    record(
        session,
        AddressTriedAgain(actor_id=actor.person_id, school_urns=schools, person_id=person_id),
    )
    return True
