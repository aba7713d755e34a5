"""The people of a school who agreed that other schools see them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.models import Person, RoleGrant
from marketplace.accounts.roles import Role
from marketplace.schools.models import School


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """A person to turn to: the name, and the roles at the school in words."""

    name: str
    roles_label: str


def listed_people(session: Session, urn: int) -> list[ListedPerson]:
    """Return who agreed to be listed and holds a role at the school, by name.

    Nobody is listed for a school that has closed.
    """
    roles: dict[tuple[str, int], set[str]] = {}
    for name, person_id, role in session.execute(_listed(), {"urn": urn}):
        roles.setdefault((name, person_id), set()).add(role)
    return [
        ListedPerson(name, ", ".join(role for role in Role if role in held))
        for (name, _), held in sorted(roles.items(), key=lambda item: item[0][0].casefold())
    ]


@cache
def _listed() -> sa.Select[str, int, str]:
    """Who is listed for the school ``urn``, a row for each role; made once."""
    return (
        sa.select(Person.name, Person.id, RoleGrant.role)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .join(School, School.urn == RoleGrant.school_urn)
        .where(
            RoleGrant.school_urn == sa.bindparam("urn"),
            School.status != "closed",
            Person.listed_at.is_not(None),
            Person.active,
        )
    )
