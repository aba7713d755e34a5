"""Who may do what at a school or for the network: the people themselves, and in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.models import Person, RoleGrant, SignIn, TrustGrant
from marketplace.accounts.roles import PERMISSIONS, Permission, Role
from marketplace.schools.models import School

NAMES_SHOWN = 3


def can_sign_in() -> sa.ColumnElement[bool]:
    """Return the condition that a person is switched on, and has a password or has signed in.

    Who signs in by a passkey or at a provider needs no password.
    """
    signed_in = sa.exists().where(SignIn.person_id == Person.id)
    return sa.and_(Person.active, sa.or_(Person.password_hash.is_not(None), signed_in))


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


def holders_by_school(
    session: Session, urns: Iterable[int | None], permission: Permission
) -> dict[int | None, list[Person]]:
    """Return who holds ``permission`` at each of several schools, in one statement; see holders."""
    held = _held_named()
    wanted = set(urns)
    at_school: sa.ColumnElement[bool] = held.c.school_urn.in_(
        [urn for urn in wanted if urn is not None]
    )
    if None in wanted:
        at_school = sa.or_(at_school, held.c.school_urn.is_(None))
    found: dict[int | None, dict[int, Person]] = {urn: {} for urn in wanted}
    for urn, person in session.execute(
        sa.select(held.c.school_urn, Person)
        .join(Person, Person.id == held.c.person_id)
        .where(at_school, held.c.role.in_(roles_with(permission)), can_sign_in())
        .order_by(sa.func.lower(Person.name), Person.id)
    ):
        found[urn][person.id] = person
    return {urn: list(people.values()) for urn, people in found.items()}


def roles_held(session: Session, person_id: int) -> dict[int | None, set[Role]]:
    """Return the roles of a person who can sign in, by school (``None``: the network).

    Those for a trust are held at each of its schools; at a closed school none are.
    """
    roles: dict[int | None, set[Role]] = {}
    held = _held_named()
    for urn, role in session.execute(
        sa.select(held.c.school_urn, held.c.role)
        .join(Person, Person.id == held.c.person_id)
        .where(held.c.person_id == person_id, can_sign_in())
    ):
        roles.setdefault(urn, set()).add(Role(role))
    return roles


def _holding(urn: int | None, roles: Iterable[Role]) -> sa.Select[int]:
    held = _held_named()
    at_school = held.c.school_urn.is_(None) if urn is None else held.c.school_urn == urn
    return sa.select(held.c.person_id).where(at_school, held.c.role.in_(list(roles)))


def school_of_role(session: Session, person_id: int, urns: Iterable[int | None]) -> School | None:
    """Return the first of the schools ``urns`` at which a person holds a role, if there is one."""
    roles = roles_held(session, person_id)
    for urn in urns:
        if urn is not None and urn in roles:
            return session.get_one(School, urn)
    return None


def schools_of_roles(person_id: int | sa.BindParameter[int]) -> sa.Select[int | None]:
    """Return the query for the URNs of the schools at which a person holds a role."""
    held = _held_named()
    return sa.select(held.c.school_urn).where(
        held.c.person_id == person_id, held.c.school_urn.is_not(None)
    )


@cache
def _held_named() -> sa.Subquery:
    """Every role, made once: it is asked for each task of a start page."""
    return _held().subquery("held")


@cache
def _held() -> sa.CompoundSelect[int, str, int | None]:
    """Every role with its person and its school, those for a trust at each of its schools."""
    is_open = School.status != "closed"
    return sa.union_all(
        sa.select(RoleGrant.person_id, RoleGrant.role, RoleGrant.school_urn)
        .outerjoin(School, School.urn == RoleGrant.school_urn)
        .where(sa.or_(RoleGrant.school_urn.is_(None), is_open)),
        sa.select(
            TrustGrant.person_id,
            TrustGrant.role,
            School.urn,
        )
        .join(School, School.trust_id == TrustGrant.trust_id)
        .where(School.joined_at.is_not(None), is_open),
    )


def waiting_for(people: Sequence[Person], permission: Permission, whose: str = "your") -> str:
    """Return for whom something waits that ``permission`` allows, in words for their colleagues.

    "Waiting for your coordinators, Jo Bloggs and Sam Lee"; a sentence without its full stop.
    ``whose`` is for a reader who does not belong to the school: "the school’s".
    """
    role = roles_with(permission)[0].value
    if not people:
        if whose != "your":
            return f"Waiting for a {role}, and the school has none"
        return f"Waiting for a {role}, and your school has none: ask an administrator to name one"
    names = [person.name for person in people]
    if len(names) > NAMES_SHOWN:
        names = [*names[: NAMES_SHOWN - 1], f"{len(names) - NAMES_SHOWN + 1} others"]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"Waiting for {whose} {role}{'s' if len(names) > 1 else ''}, {listed}"
