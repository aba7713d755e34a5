"""The people of an audience: by what they may do, read when they are told."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.holders import can_sign_in, holders, roles_held
from marketplace.accounts.models import Person
from marketplace.accounts.roles import may
from marketplace.notifications.kinds import Audience, Kind
from marketplace.schools.models import School


def people_of(session: Session, kind: Kind[Any, Any], audience: Audience) -> list[Person]:
    """Return who is told as part of ``audience``."""
    permission = audience.permission or kind.permission
    if permission is None:
        people = list(
            session.scalars(
                sa.select(Person).where(can_sign_in(), Person.id.in_(audience.only or ()))
            )
        )
    else:
        people = holders(session, audience.school_urn, permission)
    if kind.besides is not None:
        know = {person.id for person in holders(session, audience.school_urn, kind.besides)}
        people = [person for person in people if person.id not in know]
    return [
        person
        for person in people
        if person.id not in audience.without
        and (audience.only is None or person.id in audience.only)
    ]


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
