"""Who may do what at a school or for the network: the people themselves, and in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.models import Person, RoleGrant
from marketplace.accounts.roles import PERMISSIONS, Permission, Role
from marketplace.schools.models import School

NAMES_SHOWN = 3


def can_sign_in() -> sa.ColumnElement[bool]:
    """Return the condition that a person is switched on and has accepted their invitation."""
    return sa.and_(Person.active, Person.password_hash.is_not(None))


def roles_with(permission: Permission) -> list[Role]:
    """Return the roles that carry ``permission``."""
    return [role for role in Role if permission in PERMISSIONS[role]]


def holders(session: Session, urn: int | None, permission: Permission) -> list[Person]:
    """Return who holds ``permission`` at the school ``urn`` (``None``: for the network), by name.

    A closed school cannot act, so nobody holds anything there.
    """
    return list(
        session.scalars(
            sa.select(Person)
            .where(can_sign_in(), Person.id.in_(_holding(urn, roles_with(permission))))
            .order_by(sa.func.lower(Person.name), Person.id)
        )
    )


def _holding(urn: int | None, roles: Iterable[Role]) -> sa.Select[int]:
    query = sa.select(RoleGrant.person_id).where(RoleGrant.role.in_(list(roles)))
    if urn is None:
        return query.where(RoleGrant.school_urn.is_(None))
    return query.join(School, School.urn == RoleGrant.school_urn).where(
        RoleGrant.school_urn == urn, School.status != "closed"
    )


def waiting_for(people: Sequence[Person], permission: Permission) -> str:
    """Return for whom something waits that ``permission`` allows, in words for their colleagues.

    "Waiting for your coordinators, Jo Bloggs and Sam Lee"; a sentence without its full stop.
    """
    role = roles_with(permission)[0].value
    if not people:
        return f"Waiting for a {role}, and your school has none: ask an administrator to name one"
    names = [person.name for person in people]
    if len(names) > NAMES_SHOWN:
        names = [*names[: NAMES_SHOWN - 1], f"{len(names) - NAMES_SHOWN + 1} others"]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"Waiting for your {role}{'s' if len(names) > 1 else ''}, {listed}"
