"""The verbs of support access: begin it, end it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person, RoleGrant
from marketplace.accounts.roles import Permission, Role
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.accounts.support_access import LASTS, LONGEST_REASON, SupportAccess
from marketplace.errors import NotAllowed, NotFound, Refusal
from marketplace.idempotency import idempotent, key_of
from marketplace.mail.service import queue_email
from marketplace.outbox.service import record
from marketplace.schools.models import School
from marketplace.support.events import SupportBegan, SupportEnded
from marketplace.web.texts import visible


def begin_support(
    session: Session, actor: Actor, urn: int, reason: str, *, idempotency_key: str
) -> SupportAccess:
    """Let the operator read a school's private pages for ``LASTS``, and tell the school.

    Its administrators get an e-mail with the reason. The same ``idempotency_key`` begins once.

    Raises:
        NotAllowed: unless an operator acts for the network.
        Refusal: without a reason, or for a school that does not take part.
        AlreadySent: if the key has begun another one.
    """
    actor.require(Permission.MANAGE_NETWORK)
    if actor.urn is not None:
        raise NotAllowed("Act for the network first: choose it at the top of the page.")
    reason = reason.strip()
    if not visible(reason):
        raise Refusal("Say why, for the school to read.", field="reason")
    if len(reason) > LONGEST_REASON:
        raise Refusal(f"Use at most {LONGEST_REASON:,} characters.", field="reason")
    school = session.get(School, urn)
    if school is None or school.joined_at is None:
        raise Refusal(f"No school with the URN {urn} takes part in the network.", field="urn")
    key = key_of(actor.person_id, idempotency_key)
    existing = idempotent(
        session,
        SupportAccess,
        key,
        same_as=lambda access: (access.school_urn, access.reason) == (urn, reason),
    )
    if existing is not None:
        return existing
    now = clock.now()
    access = SupportAccess(
        school_urn=urn,
        operator_id=actor.person_id,
        reason=reason,
        began_at=now,
        ends_at=now + LASTS,
        idempotency_key=key,
    )
    session.add(access)
    session.flush()
    record_security(
        session,
        SecurityKind.SUPPORT_BEGAN,
        actor_id=actor.person_id,
        school_urn=urn,
        support_id=access.id,
    )
    record(
        session,
        SupportBegan(actor_id=actor.person_id, school_urns=(urn,), support_id=access.id),
    )
    _tell_administrators(session, actor, access, school, access.ends_at)
    return access


def end_support(session: Session, actor: Actor, access: SupportAccess) -> SupportAccess:
    """End a support access; one that is over already stays as it is.

    An operator may do it, and so may the school's administrators.

    Raises:
        NotAllowed: without the role.
        NotFound: for staff of another school.
    """
    if actor.urn is not None and actor.urn != access.school_urn:
        raise NotFound
    if actor.urn is None:
        actor.require(Permission.MANAGE_NETWORK)
    elif actor.support_id != access.id:
        actor.require(Permission.MANAGE_MEMBERS)
    session.refresh(
        access, with_for_update={"of": SupportAccess}, attribute_names=["ended_at", "ends_at"]
    )
    if not access.is_open:
        return access
    access.ended_at = clock.now()
    access.ended_by_id = actor.person_id
    session.flush()
    record_security(
        session,
        SecurityKind.SUPPORT_ENDED,
        actor_id=actor.person_id,
        school_urn=access.school_urn,
        support_id=access.id,
    )
    record(
        session,
        SupportEnded(
            actor_id=actor.person_id, school_urns=(access.school_urn,), support_id=access.id
        ),
    )
    return access


def _tell_administrators(
    session: Session, actor: Actor, access: SupportAccess, school: School, ends_at: datetime
) -> None:
    administrators = session.execute(
        sa.select(Person.id, Person.email)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            RoleGrant.school_urn == school.urn,
            RoleGrant.role == Role.ADMINISTRATOR,
            Person.active,
        )
        .order_by(Person.id)
    )
    for person_id, email in administrators:
        queue_email(
            session,
            template="support_began",
            to=email,
            person_id=person_id,
            school_urn=school.urn,
            key=f"support_began:{access.id}:{person_id}",
            school_name=school.name,
            operator=actor.person_name,
            reason=access.reason,
            ends_at=ends_at,
        )
