"""The demo's people: staff of the schools, and a sign-in for every role."""

from __future__ import annotations

import random
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.models import Person, RoleGrant, TrustGrant
from marketplace.accounts.passwords import hash_password
from marketplace.accounts.roles import NETWORK_ROLES, Role
from marketplace.demo.content import staff_name
from marketplace.schools.models import School, Trust

PASSWORD = "try skillbank"  # noqa: S105  # it is published: a demo is for trying
DOMAIN = "skillbank.example"

# Who can sign in: local part, school (0 and 1 are the first of the main ones), roles.
SIGN_INS: tuple[tuple[str, int | None, tuple[Role, ...]], ...] = (
    ("coordinator", 0, (Role.COORDINATOR,)),
    ("member", 0, (Role.MEMBER,)),
    ("finance", 0, (Role.FINANCE,)),
    ("administrator", 0, (Role.ADMINISTRATOR,)),
    ("partner", 1, (Role.COORDINATOR,)),
    ("operator", None, (Role.OPERATOR,)),
    ("auditor", None, (Role.AUDITOR,)),
)
BOTH = "trust"
"""Who acts for several schools of the trust."""
DIRECTOR = "trustfinance"
"""Who reads the credits of all schools of the trust."""


class Staff:
    """The coordinators of the demo's schools, two at each, who write and agree things."""

    def __init__(self, by_school: dict[int, list[int]]) -> None:
        self._by_school = by_school

    def of(self, urn: int, number: int = 0) -> int:
        """Return one of the coordinators of the school ``urn``."""
        people = self._by_school[urn]
        return people[number % len(people)]


def make_staff(
    session: Session, schools: Sequence[School], main: Sequence[School], rng: random.Random
) -> Staff:
    """Make the people; every one has the same password, hashed once."""
    now = clock.now()
    hashed = hash_password(PASSWORD)
    rows: list[dict[str, object]] = []

    def person(email: str, name: str) -> None:
        rows.append(
            {
                "email": email,
                "name": name,
                "password_hash": hashed,
                "active": True,
                "created_at": now,
            }
        )

    def name() -> str:
        return " ".join(staff_name(rng))

    roles: list[list[tuple[int | None, Role]]] = []
    trust_roles: list[tuple[int | None, Role]] = []
    for local, main_index, sign_in_roles in SIGN_INS:
        person(f"{local}@{DOMAIN}", name())
        urn = main[main_index].urn if main_index is not None else None
        roles.append([(urn, role) for role in sign_in_roles])
    person(f"{BOTH}@{DOMAIN}", name())
    # Somebody of the trust acts for two of its schools, and sees to the others' money and people.
    for number, school in enumerate(main):
        both = (Role.COORDINATOR if number < 2 else Role.ADMINISTRATOR, Role.FINANCE)
        trust_roles += [(school.urn, role) for role in both]
    roles.append(trust_roles)
    person(f"{DIRECTOR}@{DOMAIN}", name())
    roles.append([])
    for school in schools:
        for number in (1, 2):
            person(f"staff{number}.{school.urn}@{DOMAIN}", name())
            roles.append([(school.urn, Role.COORDINATOR)])
    ids = list(
        session.scalars(sa.insert(Person).returning(Person.id, sort_by_parameter_order=True), rows)
    )
    session.execute(
        sa.insert(RoleGrant),
        [
            {"person_id": person_id, "school_urn": urn, "role": role, "granted_at": now}
            for person_id, held_roles in zip(ids, roles, strict=True)
            for urn, role in held_roles
        ],
    )
    if main[0].trust_id is not None:
        session.add(
            TrustGrant(
                person_id=ids[len(SIGN_INS) + 1],
                trust_id=main[0].trust_id,
                role=Role.TRUST_FINANCE,
                granted_at=now,
            )
        )
    by_school: dict[int, list[int]] = {}
    for person_id, held_roles in zip(ids, roles, strict=True):
        for urn, role in held_roles:
            if urn is not None and role is Role.COORDINATOR:
                by_school.setdefault(urn, []).append(person_id)
    return Staff(by_school)


def sign_ins(session: Session) -> list[tuple[str, str]]:
    """Return the address of each of the demo's sign-ins, and what it is."""
    local_parts = [sign_in[0] for sign_in in SIGN_INS]
    addresses = [f"{local}@{DOMAIN}" for local in (*local_parts, BOTH, DIRECTOR)]
    roles_by_email: dict[str, dict[str, list[str]]] = {}
    for email, role, school in session.execute(
        sa.select(Person.email, RoleGrant.role, School.name)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .outerjoin(School, School.urn == RoleGrant.school_urn)
        .where(Person.email.in_(addresses))
        .order_by(RoleGrant.id)
    ):
        workplace = "the network" if Role(role) in NETWORK_ROLES else school
        roles_by_email.setdefault(email, {}).setdefault(workplace, []).append(role)
    for email, role, trust_name in session.execute(
        sa.select(Person.email, TrustGrant.role, Trust.name)
        .join(TrustGrant, TrustGrant.person_id == Person.id)
        .join(Trust, Trust.id == TrustGrant.trust_id)
        .where(Person.email.in_(addresses))
    ):
        label = Role(role).label
        roles_by_email.setdefault(email, {}).setdefault(trust_name, []).append(label)
    return [
        (
            email,
            "; ".join(
                f"{' and '.join(roles)}, {workplace}"
                for workplace, roles in roles_by_workplace.items()
            ),
        )
        for email in addresses
        if (roles_by_workplace := roles_by_email.get(email))
    ]
