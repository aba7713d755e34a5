"""Who is signed in: the person, the memberships they hold, and the one they act in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import sqlalchemy as sa
from flask_login import UserMixin
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person, RoleGrant
from marketplace.accounts.roles import Permission, Role
from marketplace.schools.models import School


class CurrentUser(UserMixin):
    """The signed-in person, in plain values that outlive the database session.

    ``memberships`` has an actor for each school (and the network) where the person holds a role;
    ``actor`` is the one they act as now.
    """

    def __init__(
        self, person: Person, memberships: Iterable[Actor], membership_key: str | None
    ) -> None:
        self.person_id = person.id
        self.name = person.name
        self.email = person.email
        self.stamp = stamp(person)
        self.memberships = tuple(memberships)
        self.actor = next(
            (actor for actor in self.memberships if actor.key == membership_key),
            self.memberships[0] if self.memberships else Actor(person.id, person.name, frozenset()),
        )

    def get_id(self) -> str:
        """Return what the session keeps; it dies with the password it was made with."""
        return f"{self.person_id}:{self.stamp}"

    def may(self, permission: Permission) -> bool:
        """Say whether the person may do this where they act now."""
        return self.actor.may(permission)


def stamp(person: Person) -> str:
    """Return a fingerprint of the password hash: a changed password ends every session."""
    return hashlib.sha256((person.password_hash or "").encode()).hexdigest()[:16]


def load_current_user(
    session: Session, identity: str, membership_key: str | None
) -> CurrentUser | None:
    """Return the person a session names, in one query; ``None`` if it is no longer valid.

    ``membership_key`` is the key of the membership to act in, if the person holds it.
    """
    person_id, _, session_stamp = identity.partition(":")
    if not person_id.isdecimal():
        return None
    rows = session.execute(
        sa.select(Person, RoleGrant.role, RoleGrant.school_urn, School)
        .outerjoin(RoleGrant, RoleGrant.person_id == Person.id)
        .outerjoin(School, School.urn == RoleGrant.school_urn)
        .where(Person.id == int(person_id))
        .order_by(School.urn.is_(None), School.name, School.urn)
    ).all()
    if not rows or not rows[0][0].active or stamp(rows[0][0]) != session_stamp:
        return None
    person = rows[0][0]
    roles: dict[int | None, set[Role]] = {}
    schools: dict[int | None, School] = {}
    for _, role, urn, school in rows:
        if role is not None:
            roles.setdefault(urn, set()).add(Role(role))
            schools[urn] = school
    memberships = [
        actor_of(person, frozenset(school_roles), schools[urn])
        for urn, school_roles in roles.items()
        # A closed school cannot act; its people's other memberships stay.
        if urn is None or schools[urn].status != "closed"
    ]
    return CurrentUser(person, memberships, membership_key)


def actor_of(person: Person, roles: frozenset[Role], school: School | None) -> Actor:
    """Return ``person`` acting with ``roles`` for ``school``, or for the network."""
    if school is None:
        return Actor(person.id, person.name, roles)
    return Actor(
        person_id=person.id,
        person_name=person.name,
        roles=roles,
        urn=school.urn,
        school_name=school.name,
        trust_id=school.trust_id,
        local_authority_code=school.local_authority_code,
        region=school.region,
        easting=school.easting,
        northing=school.northing,
    )
