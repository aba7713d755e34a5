"""What becomes of the people of a school that ends: they go on at another, or lose their roles."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts import sessions
from marketplace.accounts.models import RoleGrant
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.members.events import RolesChanged
from marketplace.members.models import Invitation
from marketplace.outbox.service import record


def hand_over_roles(
    session: Session, old_urn: int, new_urn: int, *, actor_id: int | None
) -> list[int]:
    """Let everyone with roles at a school have them at another; return these people.

    A person with roles at both has all of them. Nobody is signed out: they go on.
    """
    held = {
        (person_id, role)
        for person_id, role in session.execute(
            sa.select(RoleGrant.person_id, RoleGrant.role).where(RoleGrant.school_urn == new_urn)
        )
    }
    roles: dict[int, list[str]] = {}
    for grant in _grants(session, old_urn):
        roles.setdefault(grant.person_id, []).append(grant.role)
        if (grant.person_id, grant.role) in held:
            session.delete(grant)
        else:
            grant.school_urn = new_urn
    session.flush()
    for person_id, person_roles in roles.items():
        _log(session, person_id, actor_id, new_urn, ", ".join(sorted(person_roles)))
    return list(roles)


def end_roles(session: Session, urn: int, *, actor_id: int | None) -> list[int]:
    """Take every role at a school away, because it leaves; return the people who had one."""
    grants = _grants(session, urn)
    for grant in grants:
        session.delete(grant)
    session.flush()
    people = list(dict.fromkeys(grant.person_id for grant in grants))
    for person_id in people:
        _log(session, person_id, actor_id, urn, "none")
        sessions.end_all(session, person_id, sessions.EndReason.ROLES_CHANGED)
        record(session, RolesChanged(actor_id=actor_id, school_urns=(urn,), person_id=person_id))
    return people


def hand_over_invitations(session: Session, old_urn: int, new_urn: int) -> None:
    """Let the open invitations of a school be another's.

    Of an address that both have invited, the other school's own invitation stays.
    """
    own = set(session.scalars(_open_invitations(new_urn).with_only_columns(Invitation.email)))
    for invitation in session.scalars(_open_invitations(old_urn)):
        if invitation.email in own:
            invitation.revoked_at = clock.now()
        else:
            invitation.school_urn = new_urn
    session.flush()


def revoke_invitations(session: Session, urn: int) -> None:
    """Take back every open invitation of a school, because it leaves."""
    for invitation in session.scalars(_open_invitations(urn)):
        invitation.revoked_at = clock.now()
    session.flush()


def count_people(session: Session, urn: int) -> int:
    """Return how many people hold a role at the school."""
    return (
        session.scalar(
            sa.select(sa.func.count(RoleGrant.person_id.distinct())).where(
                RoleGrant.school_urn == urn
            )
        )
        or 0
    )


def _open_invitations(urn: int) -> sa.Select[Invitation]:
    return sa.select(Invitation).where(
        Invitation.school_urn == urn,
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
    )


def _grants(session: Session, urn: int) -> list[RoleGrant]:
    return list(
        session.scalars(
            sa.select(RoleGrant).where(RoleGrant.school_urn == urn).order_by(RoleGrant.id)
        )
    )


def _log(
    session: Session, person_id: int, actor_id: int | None, school_urn: int, roles: str
) -> None:
    record_security(
        session,
        SecurityKind.ROLES_CHANGED,
        person_id=person_id,
        actor_id=actor_id,
        school_urn=school_urn,
        roles=roles,
    )
