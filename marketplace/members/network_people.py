"""Who works for the network itself, and how that ends."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts import sessions
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person, RoleGrant
from marketplace.accounts.roles import Permission, Role
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.errors import NotFound, Refusal
from marketplace.members.events import RolesChanged
from marketplace.members.service import Colleague
from marketplace.outbox.service import record


def network_people(session: Session, actor: Actor) -> list[Colleague]:
    """Return the people who hold a role for the network, by name.

    Raises:
        NotAllowed: if ``actor`` is not an operator.
    """
    actor.require(Permission.MANAGE_NETWORK)
    people: dict[int, tuple[Person, set[Role]]] = {}
    for person, role in session.execute(
        sa.select(Person, RoleGrant.role)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.school_urn.is_(None))
        .order_by(Person.name, Person.id)
    ):
        people.setdefault(person.id, (person, set()))[1].add(Role(role))
    return [
        Colleague(
            person.id, person.name, person.email, frozenset(roles), person.password_hash is None
        )
        for person, roles in people.values()
    ]


def find_network_person(session: Session, actor: Actor, person_id: int) -> Colleague:
    """Return one person who works for the network.

    Raises:
        NotAllowed: if ``actor`` is not an operator.
        NotFound: if they hold no role for the network.
    """
    for colleague in network_people(session, actor):
        if colleague.person_id == person_id:
            return colleague
    raise NotFound


def remove_from_network(session: Session, actor: Actor, person_id: int) -> None:
    """Take all roles for the network away from a person, at once and everywhere.

    Raises:
        NotAllowed: if ``actor`` is not an operator.
        NotFound: if they hold no role for the network.
        Refusal: if nobody else could run the network.
    """
    actor.require(Permission.MANAGE_NETWORK)
    # One removal follows another, so that two operators cannot remove each other.
    operators = set(
        session.scalars(
            sa.select(RoleGrant.person_id)
            .join(Person, Person.id == RoleGrant.person_id)
            .where(
                RoleGrant.school_urn.is_(None),
                RoleGrant.role == Role.OPERATOR,
                Person.active,
                Person.password_hash.is_not(None),
            )
            .with_for_update(of=RoleGrant)
        )
    )
    colleague = find_network_person(session, actor, person_id)
    if operators <= {person_id}:
        raise Refusal("This is the only operator. Invite another one first.")
    session.execute(
        sa.delete(RoleGrant).where(RoleGrant.person_id == person_id, RoleGrant.school_urn.is_(None))
    )
    record_security(
        session,
        SecurityKind.ROLES_CHANGED,
        person_id=colleague.person_id,
        actor_id=actor.person_id,
        roles="none for the network",
    )
    if person_id != actor.person_id:
        sessions.end_all(session, person_id, sessions.EndReason.ROLES_CHANGED)
    record(session, RolesChanged(actor_id=actor.person_id, school_urns=(), person_id=person_id))
