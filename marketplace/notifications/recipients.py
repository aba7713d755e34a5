"""The people of an audience: by what they may do, read when they are told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.holders import can_sign_in, holders_by_school, roles_held
from marketplace.accounts.models import Person
from marketplace.accounts.roles import Permission, may
from marketplace.notifications.kinds import Audience, Kind
from marketplace.schools.models import School


def people_of(
    session: Session, kind: Kind[Any, Any], audiences: Sequence[Audience]
) -> list[list[Person]]:
    """Return who is told as part of each of the ``audiences``, in a few statements for all."""
    permissions = [audience.permission or kind.permission for audience in audiences]
    at_schools = _holding(session, audiences, permissions)
    besides = _holding(session, audiences, [kind.besides] * len(audiences))
    named = {
        number
        for audience, permission in zip(audiences, permissions, strict=True)
        if permission is None
        for number in audience.only or ()
    }
    people: dict[int, Person] = {}
    if named:
        rows = session.scalars(sa.select(Person).where(can_sign_in(), Person.id.in_(named)))
        people = {person.id: person for person in rows}
    told = []
    for audience, permission in zip(audiences, permissions, strict=True):
        if permission is None:
            some = [people[number] for number in audience.only or () if number in people]
        else:
            some = at_schools[permission][audience.school_urn]
        know: set[int] = set()
        if kind.besides is not None:
            know = {person.id for person in besides[kind.besides][audience.school_urn]}
        told.append(
            [
                person
                for person in some
                if person.id not in know | audience.without
                and (audience.only is None or person.id in audience.only)
            ]
        )
    return told


def _holding(
    session: Session, audiences: Sequence[Audience], permissions: Sequence[Permission | None]
) -> dict[Permission, dict[int | None, list[Person]]]:
    """By permission and school, who holds it there."""
    urns: dict[Permission, set[int | None]] = {}
    for audience, permission in zip(audiences, permissions, strict=True):
        if permission is not None:
            urns.setdefault(permission, set()).add(audience.school_urn)
    return {
        permission: holders_by_school(session, schools, permission)
        for permission, schools in urns.items()
    }


class RolesOf:
    """The roles of one person at each school (``None``: the network), as they are now."""

    def __init__(self, session: Session, person_id: int) -> None:
        self._roles = roles_held(session, person_id)

    def allow(self, kind: Kind[Any, Any], urn: int | None) -> bool:
        """Say whether the person may still be told of ``kind`` at the school."""
        if kind.permission is None:
            return True
        roles = self._roles.get(urn, set())
        return may(roles, kind.permission) and not (kind.besides and may(roles, kind.besides))

    def concern(self, kind: Kind[Any, Any]) -> bool:
        """Say whether the person may be told of ``kind`` anywhere."""
        return any(
            self.allow(kind, urn) for urn in self._roles if (urn is None) == kind.is_for_network
        )


def names_of_schools(session: Session, urns: Collection[int | None]) -> dict[int | None, str]:
    """Return the names of schools; that of the network is "The network"."""
    names: dict[int | None, str] = {None: "The network"}
    numbers = [urn for urn in urns if urn is not None]
    if numbers:
        for urn, name in session.execute(
            sa.select(School.urn, School.name).where(School.urn.in_(numbers))
        ):
            names[urn] = name
    return names
