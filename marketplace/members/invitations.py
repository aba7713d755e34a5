"""Invitations: a colleague is asked by e-mail, and joins the school by a link that works once.

Nobody has a role before they accept, so an administrator learns nothing of whose account an
address is, and gives nothing to a mistyped one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person, TrustGrant
from marketplace.accounts.roles import (
    NETWORK_ROLE_MEANINGS,
    ROLE_MEANINGS,
    TRUST_ROLE_MEANINGS,
    TRUST_ROLES,
    Permission,
    Role,
)
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.accounts.service import normalise_email
from marketplace.errors import NotAllowed, NotFound, Refusal
from marketplace.limits import Writing, refuse_too_many
from marketplace.mail.service import queue_email
from marketplace.members.events import ColleagueInvited
from marketplace.members.models import Invitation
from marketplace.members.service import roles_at, school_to_manage
from marketplace.outbox.service import record
from marketplace.schools.models import School
from marketplace.web.addresses import site_link
from marketplace.web.tokens import hash_token, new_token

DAYS = 7
"""How long an invitation is open."""
MOST_LISTED = 200
"""How many invitations the page of a school's people lists."""
SAME_WITHIN = timedelta(minutes=1)
"""The same invitation again within this time is a button that was pressed twice."""


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """An invitation that waits for an answer, as an administrator sees it."""

    id: int
    name: str
    email: str
    roles_label: str
    sent_at: datetime
    has_expired: bool


def may_give_trust_roles(actor: Actor) -> bool:
    """Say whether ``actor`` may give a person a role for a whole trust."""
    return Role.TRUST_ADMINISTRATOR in actor.roles or (
        actor.urn is None and actor.may(Permission.MANAGE_MEMBERS)
    )


def invite(
    session: Session,
    actor: Actor,
    urn: int,
    *,
    name: str,
    email: str,
    roles: Iterable[Role],
) -> Invitation:
    """Ask a colleague to join the school in ``roles``; an earlier invitation of theirs ends.

    Raises:
        NotAllowed, NotFound: as for every change to the school's people.
        Refusal: for a wrong address, no role, a colleague who works there already, a trust's
            role that ``actor`` may not give.
        TooMany: if the school has sent too many within a day.
    """
    school = school_to_manage(session, actor, urn, lock=True)
    address = normalise_email(email)
    chosen_roles = frozenset(roles)
    if not chosen_roles:
        raise Refusal("Roles: tick at least one.", field="roles")
    trust_id = None
    if not TRUST_ROLES.isdisjoint(chosen_roles):
        trust_id = _trust_to_give(actor, school)
    if school.status == "closed":
        raise Refusal(f"{school.name} is closed, so nobody can be invited to it.")
    _refuse_colleague(session, urn, address, chosen_roles, trust_id)
    return _invite(session, actor, school, name, address, chosen_roles, trust_id)


def invite_to_network(
    session: Session, actor: Actor, *, name: str, email: str, roles: Iterable[Role]
) -> Invitation:
    """Ask a person to work for the network; an earlier invitation of theirs ends.

    Raises:
        NotAllowed: if ``actor`` is not an operator.
        Refusal: for a wrong address, no role, or a person who works for the network already.
        TooMany: if too many were sent within a day.
    """
    actor.require(Permission.MANAGE_NETWORK)
    address = normalise_email(email)
    chosen_roles = frozenset(roles)
    if not chosen_roles:
        raise Refusal("Roles: tick at least one.", field="roles")
    person = session.scalar(sa.select(Person).where(Person.email == address))
    if person is not None and roles_at(session, None, person.id):
        raise Refusal(f"{person.name} works for the network already.", field="email")
    return _invite(session, actor, None, name, address, chosen_roles, None)


def resend(session: Session, actor: Actor, urn: int | None, invitation_id: int) -> Invitation:
    """Send an invitation again, with a new link and a new week; the link before no longer works.

    Raises:
        NotAllowed, NotFound: as for every change to the school's people.
        Refusal: if it has been accepted or taken back.
        TooMany: if the school has sent too many within a day.
    """
    school = _place_to_manage(session, actor, urn)
    invitation = _invitation_to_change(session, urn, invitation_id)
    if clock.now() - invitation.sent_at >= SAME_WITHIN:
        _refuse_too_many(session, urn)
        _send(session, actor, invitation, school)
    return invitation


def revoke(session: Session, actor: Actor, urn: int | None, invitation_id: int) -> Invitation:
    """Take an invitation back: its link no longer works.

    Raises:
        NotAllowed, NotFound: as for every change to the school's people.
        Refusal: if it has been accepted, or taken back already.
    """
    _place_to_manage(session, actor, urn)
    invitation = _invitation_to_change(session, urn, invitation_id)
    invitation.revoked_at = clock.now()
    record_security(
        session,
        SecurityKind.INVITATION_REVOKED,
        actor_id=actor.person_id,
        school_urn=urn,
        invitation=invitation.id,
    )
    session.flush()
    return invitation


def open_invitations(session: Session, urn: int | None) -> list[OpenInvitation]:
    """Return the invitations to the school, or to the network, that wait; the last sent first."""
    now = clock.now()
    return [
        OpenInvitation(
            invitation.id,
            invitation.name,
            invitation.email,
            roles_in_words(invitation),
            invitation.sent_at,
            invitation.expires_at <= now,
        )
        for invitation in session.scalars(
            _open(urn).order_by(Invitation.sent_at.desc(), Invitation.id.desc()).limit(MOST_LISTED)
        )
    ]


def roles_in_words(invitation: Invitation) -> str:
    """Return the roles that an invitation gives, in words."""
    roles = [Role(role) for role in invitation.roles.split()]
    return ", ".join(role.label for role in Role if role in roles)


def meanings(invitation: Invitation) -> list[str]:
    """Return what each role of an invitation lets a person do."""
    all_meanings = {**ROLE_MEANINGS, **NETWORK_ROLE_MEANINGS, **TRUST_ROLE_MEANINGS}
    roles = invitation.roles.split()
    return [meaning for role, meaning in all_meanings.items() if role in roles]


def _place_to_manage(session: Session, actor: Actor, urn: int | None) -> School | None:
    """Return the school whose invitations ``actor`` may change; ``None`` for the network's."""
    if urn is not None:
        return school_to_manage(session, actor, urn, lock=True)
    actor.require(Permission.MANAGE_NETWORK)
    return None


def _invite(
    session: Session,
    actor: Actor,
    school: School | None,
    name: str,
    address: str,
    roles: frozenset[Role],
    trust_id: int | None,
) -> Invitation:
    """Write the invitation and its e-mail, unless the same was sent a moment ago."""
    urn = school.urn if school is not None else None
    before = session.scalar(_open(urn).where(Invitation.email == address))
    now = clock.now()
    spelled = " ".join(sorted(roles))
    if before is not None:
        same = (before.roles, before.trust_id) == (spelled, trust_id)
        if same and now - before.sent_at < SAME_WITHIN:
            return before
        before.revoked_at = now
        session.flush()
    _refuse_too_many(session, urn)
    invitation = Invitation(
        school_urn=urn,
        trust_id=trust_id,
        email=address,
        name=name.strip(),
        roles=spelled,
        invited_by_id=actor.person_id,
        created_at=now,
    )
    session.add(invitation)
    _send(session, actor, invitation, school)
    record_security(
        session,
        SecurityKind.INVITED,
        actor_id=actor.person_id,
        school_urn=urn,
        invitation=invitation.id,
        roles=roles_in_words(invitation),
    )
    record(
        session,
        ColleagueInvited(
            actor_id=actor.person_id,
            school_urns=() if urn is None else (urn,),
            invitation_id=invitation.id,
        ),
    )
    return invitation


def _trust_to_give(actor: Actor, school: School) -> int:
    if school.trust_id is None:
        raise Refusal(f"{school.name} belongs to no trust.", field="roles")
    if not may_give_trust_roles(actor):
        raise NotAllowed(
            "Only a trust’s administrator or the operator gives roles for the whole trust."
        )
    return school.trust_id


def _refuse_colleague(
    session: Session, urn: int, address: str, roles: frozenset[Role], trust_id: int | None
) -> None:
    """Refuse to invite a person who has what the invitation would give."""
    person = session.scalar(sa.select(Person).where(Person.email == address))
    if person is None:
        return
    if trust_id is not None:
        missing = roles & TRUST_ROLES - trust_roles_of(session, trust_id, person.id)
        if not missing:
            raise Refusal(f"{person.name} has this role for the trust already.", field="email")
    elif roles_at(session, urn, person.id):
        raise Refusal(
            f"{person.name} works here already: open their name in the list to change what they"
            " may do.",
            field="email",
        )


def _refuse_too_many(session: Session, urn: int | None) -> None:
    of_school = _is_at(urn)
    refuse_too_many(session, Writing.INVITATIONS, Invitation.created_at, {"school": of_school})


def _send(session: Session, actor: Actor, invitation: Invitation, school: School | None) -> None:
    """Give the invitation a new link, and write the e-mail with it."""
    token = new_token()
    now = clock.now()
    invitation.token_hash = hash_token(token)
    invitation.sent_at = now
    invitation.expires_at = now + timedelta(days=DAYS)
    session.flush()
    queue_email(
        session,
        template="invitation",
        to=invitation.email,
        school_urn=invitation.school_urn,
        secret=True,
        even_if_failing=True,
        name=invitation.name,
        school_name=school.name if school is not None else "the network’s staff",
        inviter=actor.person_name,
        meanings=meanings(invitation),
        link=site_link("members.accept_invitation", token=token),
        days=DAYS,
    )


def _invitation_to_change(session: Session, urn: int | None, invitation_id: int) -> Invitation:
    invitation = session.scalar(
        sa.select(Invitation).where(Invitation.id == invitation_id, _is_at(urn)).with_for_update()
    )
    if invitation is None:
        raise NotFound
    if invitation.accepted_at is not None:
        raise Refusal(f"{invitation.name} has accepted the invitation already.")
    if invitation.revoked_at is not None:
        raise Refusal(f"The invitation to {invitation.name} has been taken back already.")
    return invitation


def trust_roles_of(session: Session, trust_id: int, person_id: int) -> frozenset[Role]:
    """Return the roles that a person holds for the whole trust."""
    roles = session.scalars(
        sa.select(TrustGrant.role).where(
            TrustGrant.trust_id == trust_id, TrustGrant.person_id == person_id
        )
    )
    return frozenset(Role(role) for role in roles)


def _is_at(urn: int | None) -> sa.ColumnElement[bool]:
    return Invitation.school_urn.is_(None) if urn is None else Invitation.school_urn == urn


def _open(urn: int | None) -> sa.Select[Invitation]:
    return sa.select(Invitation).where(
        _is_at(urn),
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
    )
