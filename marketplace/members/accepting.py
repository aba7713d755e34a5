"""Accepting an invitation: the link works once, and gives the roles of the invitation."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace import clock
from marketplace.accounts import sessions
from marketplace.accounts.models import Person, TrustGrant
from marketplace.accounts.password_resets import set_password
from marketplace.accounts.roles import (
    TRUST_ROLES,
    Role,
)
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.accounts.service import create_person, grant_role
from marketplace.errors import NotAllowed, Refusal
from marketplace.mail.service import mark_working
from marketplace.members.events import InvitationAccepted, RolesChanged
from marketplace.members.invitations import roles_in_words, trust_roles_of
from marketplace.members.models import Invitation
from marketplace.outbox.service import record
from marketplace.schools.models import School
from marketplace.web.tokens import hash_token


def find_by_token(session: Session, token: str, *, lock: bool = False) -> Invitation | None:
    """Return the open invitation with this link; ``None`` if it was used, ended or is made up."""
    query = sa.select(Invitation).where(
        Invitation.token_hash == hash_token(token),
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > clock.now(),
    )
    if lock:
        query = query.with_for_update()
    else:
        query = query.options(
            joinedload(Invitation.school),
            joinedload(Invitation.trust),
            joinedload(Invitation.invited_by),
        )
    return session.scalar(query)


def invited_account(session: Session, invitation: Invitation) -> Person | None:
    """Return the account that the invited address has, if it can sign in by itself."""
    return session.scalar(
        sa.select(Person).where(
            Person.email == invitation.email, Person.password_hash.is_not(None), Person.active
        )
    )


def is_open_link(session: Session, token: str) -> bool:
    """Say whether ``token`` is that of an invitation that can still be accepted."""
    return find_by_token(session, token) is not None


def accept(session: Session, token: str, person_id: int, sign_in_id: int) -> Invitation | None:
    """Give the person who is signed in the roles of their invitation.

    Their other sessions end; ``sign_in_id`` is the one they are in. ``None`` if the link has
    ended.

    Raises:
        NotAllowed: if the invitation was for another address.
        Refusal: if the school has closed.
    """
    invitation = find_by_token(session, token, lock=True)
    if invitation is None:
        return None
    person = session.get_one(Person, person_id)
    if person.email != invitation.email:
        raise NotAllowed(
            f"This invitation was sent to {invitation.email}, and you are signed in as"
            f" {person.email}. Sign out, then open the link again."
        )
    _give_roles(session, invitation, person)
    sessions.end_all(session, person.id, sessions.EndReason.ROLES_CHANGED, besides=sign_in_id)
    return invitation


def accept_as_new(session: Session, token: str, *, name: str, password: str) -> Person | None:
    """Make the account of an invited address, with the roles; ``None`` if the link has ended.

    An address without a password (someone who left before they ever signed in) begins afresh.

    Raises:
        Refusal: for an unusable password or name, an account that is switched off, or a school
            that has closed.
    """
    invitation = find_by_token(session, token, lock=True)
    if invitation is None:
        return None
    person = session.scalar(
        sa.select(Person).where(Person.email == invitation.email).with_for_update()
    )
    if person is None:
        person = create_person(session, email=invitation.email, name=name, password=password)
    elif not person.active:
        raise Refusal(f"The account of {person.email} is switched off. Ask the network’s operator.")
    elif person.password_hash is not None:
        raise Refusal(f"{person.email} has an account already: sign in to accept.")
    else:
        person.name = name.strip()
        set_password(session, person, password)
    _give_roles(session, invitation, person)
    return person


def _give_roles(session: Session, invitation: Invitation, person: Person) -> None:
    urn = invitation.school_urn
    school = session.get_one(School, urn) if urn is not None else None
    urns = () if urn is None else (urn,)
    roles = frozenset(Role(role) for role in invitation.roles.split())
    for role in sorted(roles - TRUST_ROLES):
        grant_role(session, person, role, school)
    if invitation.trust_id is not None:
        held_roles = trust_roles_of(session, invitation.trust_id, person.id)
        for role in sorted(roles & TRUST_ROLES - held_roles):
            session.add(
                TrustGrant(
                    person_id=person.id,
                    trust_id=invitation.trust_id,
                    role=role,
                    granted_at=clock.now(),
                )
            )
    invitation.accepted_at = clock.now()
    invitation.accepted_by_id = person.id
    session.flush()
    mark_working(session, invitation.email)
    record_security(
        session,
        SecurityKind.INVITATION_ACCEPTED,
        person_id=person.id,
        actor_id=person.id,
        school_urn=urn,
        invitation=invitation.id,
        roles=roles_in_words(invitation),
    )
    for event in (
        InvitationAccepted(actor_id=person.id, school_urns=urns, invitation_id=invitation.id),
        RolesChanged(actor_id=person.id, school_urns=urns, person_id=person.id),
    ):
        record(session, event)
