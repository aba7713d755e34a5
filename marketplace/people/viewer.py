"""Who is looking: the signed-in person, the places they may act for, and the one they act for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from flask_login import UserMixin
from sqlalchemy.orm import Session

from marketplace.people.models import Person, RoleGrant
from marketplace.people.roles import Permission, Role, may
from marketplace.schools.models import School
from marketplace.web.problems import NotAllowed

NETWORK = "network"
ROLE_ORDER = list(Role)


@dataclass(frozen=True, slots=True)
class Acting:
    """One person acting for one place; every verb takes one and checks it.

    ``urn`` is the school, or ``None`` for the network itself.
    """

    person_id: int
    person_name: str
    roles: frozenset[Role]
    urn: int | None = None
    school_name: str = ""
    trust_id: int | None = None
    local_authority_code: str | None = None
    region: str | None = None
    easting: int | None = None
    northing: int | None = None

    @property
    def key(self) -> str:
        """How a form names this place."""
        return NETWORK if self.urn is None else f"school:{self.urn}"

    @property
    def label(self) -> str:
        """How the person sees this place."""
        if not self.roles:
            return "No school"
        return self.school_name or "The network"

    @property
    def roles_label(self) -> str:
        """The roles in words."""
        return ", ".join(role for role in ROLE_ORDER if role in self.roles)

    @property
    def actor(self) -> str:
        """How the ledger names who did it."""
        return f"person:{self.person_id}"

    def may(self, permission: Permission) -> bool:
        """Whether these roles allow ``permission``."""
        return may(self.roles, permission)

    def require(self, permission: Permission) -> None:
        """Raise ``NotAllowed`` unless these roles allow ``permission``."""
        if not self.may(permission):
            raise NotAllowed(self._refusal(permission))

    def _refusal(self, permission: Permission) -> str:
        if not self.roles:
            return (
                "You hold no role at a school that is open. Ask an administrator of your school,"
                " or the network, to give you one."
            )
        place = self.school_name or "the network"
        ask = "Ask an administrator of your school" if self.urn is not None else "Ask the operator"
        return (
            f"Your role at {place} ({self.roles_label}) does not let you {permission}."
            f" {ask} for a role that does. If you act for several schools, choose the right one at"
            " the top of the page."
        )

    def school(self) -> int:
        """The URN of the school acted for.

        Raises:
            NotAllowed: if the person acts for the network, which has no school.
        """
        if self.urn is None:
            raise NotAllowed("Only a school can do this, and you act for the network.")
        return self.urn


class Viewer(UserMixin):
    """The signed-in person, in plain values that outlive the database session."""

    def __init__(self, person: Person, places: Iterable[Acting], chosen: str | None) -> None:
        self.person_id = person.id
        self.name = person.name
        self.email = person.email
        self.stamp = stamp(person)
        self.places = tuple(places)
        self.acting = next(
            (place for place in self.places if place.key == chosen),
            self.places[0] if self.places else Acting(person.id, person.name, frozenset()),
        )

    def get_id(self) -> str:
        """What the session keeps; it dies with the password it was made with."""
        return f"{self.person_id}:{self.stamp}"

    def may(self, permission: Permission) -> bool:
        """Whether the person may do this where they act now."""
        return self.acting.may(permission)


def stamp(person: Person) -> str:
    """A fingerprint of the password hash: a changed password ends every session."""
    return hashlib.sha256((person.password_hash or "").encode()).hexdigest()[:16]


def load_viewer(session: Session, identity: str, chosen: str | None) -> Viewer | None:
    """The viewer a session names, in one query; ``None`` if it is no longer valid."""
    person_id, _, given = identity.partition(":")
    if not person_id.isdecimal():
        return None
    rows = session.execute(
        sa.select(Person, RoleGrant.role, RoleGrant.school_urn, School)
        .outerjoin(RoleGrant, RoleGrant.person_id == Person.id)
        .outerjoin(School, School.urn == RoleGrant.school_urn)
        .where(Person.id == int(person_id))
        .order_by(School.urn.is_(None), School.name, School.urn)
    ).all()
    if not rows or not rows[0][0].active or stamp(rows[0][0]) != given:
        return None
    person = rows[0][0]
    roles: dict[int | None, set[Role]] = {}
    schools: dict[int, School] = {}
    for _, role, urn, found in rows:
        if role is None:
            continue
        roles.setdefault(urn, set()).add(Role(role))
        if found is not None:
            schools[found.urn] = found
    places = []
    for urn, held in roles.items():
        school = schools[urn] if urn is not None else None
        # A closed school cannot act; its people's other places stay.
        if school is None or school.status != "closed":
            places.append(_place(person, urn, frozenset(held), school))
    return Viewer(person, places, chosen)


def _place(
    person: Person, urn: int | None, roles: frozenset[Role], school: School | None
) -> Acting:
    if school is None:
        return Acting(person.id, person.name, roles)
    return Acting(
        person_id=person.id,
        person_name=person.name,
        roles=roles,
        urn=urn,
        school_name=school.name,
        trust_id=school.trust_id,
        local_authority_code=school.local_authority_code,
        region=school.region,
        easting=school.easting,
        northing=school.northing,
    )
