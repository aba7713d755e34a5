"""A school's people: who works there in which role, and the rules by which that changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts import sessions
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person, RoleGrant
from marketplace.accounts.notices import tell_person
from marketplace.accounts.password_resets import start_reset
from marketplace.accounts.queries import administrators_of
from marketplace.accounts.roles import Permission, Role
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.accounts.service import grant_role
from marketplace.errors import Conflict, NotAllowed, NotFound, Refusal
from marketplace.members.events import RolesChanged
from marketplace.outbox.service import record
from marketplace.schools.models import School


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person who works at a school; ``invited`` says that they have no password yet."""

    person_id: int
    name: str
    email: str
    roles: frozenset[Role]
    invited: bool


def school_to_manage(session: Session, actor: Actor, urn: int, *, lock: bool = False) -> School:
    """Return the school ``urn``, whose people ``actor`` is to manage.

    An administrator manages their own school's, an operator any that takes part.

    ``lock`` lets one change to a school's people follow another; what ``actor`` may do is then read
    again, for another administrator may just have taken it away.

    Raises:
        NotAllowed: if the roles do not allow it (any more).
        NotFound: if it is another school, or one that does not take part.
    """
    actor.require(Permission.MANAGE_MEMBERS)
    if lock:
        actor.refuse_if_paused()
    query = sa.select(School).where(School.urn == urn)
    school = session.scalar(query.with_for_update(key_share=True) if lock else query)
    if school is None or school.joined_at is None or actor.urn not in (None, urn):
        raise NotFound
    if lock and actor.urn is not None and actor.person_id not in administrators_of(session, urn):
        raise NotAllowed("You are no longer an administrator of this school.")
    return school


def colleagues_of(session: Session, urn: int) -> list[Colleague]:
    """Return the people who hold a role at the school, by name."""
    people: dict[int, tuple[Person, set[Role]]] = {}
    for person, role in session.execute(
        sa.select(Person, RoleGrant.role)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.school_urn == urn)
        .order_by(Person.id)
    ):
        people.setdefault(person.id, (person, set()))[1].add(Role(role))
    colleagues = [_colleague(person, roles) for person, roles in people.values()]
    return sorted(
        colleagues, key=lambda colleague: (colleague.name.casefold(), colleague.person_id)
    )


def colleague(session: Session, urn: int, person_id: int) -> tuple[Person, Colleague]:
    """Return a person who works at the school, as an account and as a colleague.

    Raises:
        NotFound: if they hold no role there.
    """
    person = session.get(Person, person_id)
    roles = roles_at(session, urn, person_id)
    if person is None or not roles:
        raise NotFound
    return person, _colleague(person, roles)


def change_roles(
    session: Session,
    actor: Actor,
    urn: int,
    person_id: int,
    roles: frozenset[Role],
    *,
    seen: frozenset[Role],
) -> bool:
    """Give a colleague exactly ``roles`` at the school; return whether that changed anything.

    An empty set removes the colleague from the school.

    Raises:
        NotFound: if they hold no role there and are to have some.
        Conflict: if their roles are no longer those that were ``seen``.
        Refusal: if the school would lose its last administrator.
    """
    school = school_to_manage(session, actor, urn, lock=True)
    current = roles_at(session, urn, person_id)
    if current == roles:
        return False
    if not current:
        raise NotFound
    if current != seen:
        raise Conflict("Someone else has changed these roles since you opened the page.")
    if Role.ADMINISTRATOR in current - roles and is_only_administrator(session, urn, person_id):
        raise Refusal(
            f"This is the only administrator of {school.name}. Invite another one first; it counts"
            " once they have accepted."
        )
    session.execute(
        sa.delete(RoleGrant).where(
            RoleGrant.person_id == person_id,
            RoleGrant.school_urn == urn,
            RoleGrant.role.in_(current - roles),
        )
    )
    person = session.get_one(Person, person_id)
    for role in sorted(roles - current):
        grant_role(session, person, role, school)
    _record(session, actor, urn, person_id)
    return True


def is_only_administrator(session: Session, urn: int, person_id: int) -> bool:
    """Say whether the school has this administrator and no other: they cannot be removed then."""
    return administrators_of(session, urn) == {person_id}


def send_password_link(session: Session, actor: Actor, urn: int, person_id: int) -> Person:
    """Send a colleague an e-mail with which they choose a new password; return them.

    The administrator starts it and never sees the link: it opens the whole account.

    Raises:
        NotAllowed, NotFound: as for every change to the school's people.
        Refusal: if the account is switched off.
    """
    school = school_to_manage(session, actor, urn, lock=True)
    person, _ = colleague(session, urn, person_id)
    if not person.active:
        raise Refusal(f"The account of {person.name} is switched off.")
    start_reset(
        session,
        person,
        maker=f"{actor.person_name} ({school.name})",
        maker_id=actor.person_id,
        school_urn=urn,
    )
    return person


def tell_roles_changed(session: Session, event: RolesChanged) -> None:
    """Tell a person by e-mail that somebody else has changed their roles."""
    if event.actor_id != event.person_id:
        tell_person(session, event.person_id, SecurityKind.ROLES_CHANGED)


def roles_at(session: Session, urn: int | None, person_id: int) -> frozenset[Role]:
    """Return the roles the person holds at the school, or without one for the network."""
    at = RoleGrant.school_urn.is_(None) if urn is None else RoleGrant.school_urn == urn
    roles = session.scalars(sa.select(RoleGrant.role).where(at, RoleGrant.person_id == person_id))
    return frozenset(Role(role) for role in roles)


def _record(session: Session, actor: Actor, urn: int, person_id: int) -> None:
    """Note that a person's roles at the school have changed, and let them sign in anew."""
    roles = ", ".join(sorted(roles_at(session, urn, person_id))) or "none"
    record_security(
        session,
        SecurityKind.ROLES_CHANGED,
        person_id=person_id,
        actor_id=actor.person_id,
        school_urn=urn,
        roles=roles,
    )
    if person_id != actor.person_id:
        sessions.end_all(session, person_id, sessions.EndReason.ROLES_CHANGED)
    record(
        session,
        RolesChanged(actor_id=actor.person_id, school_urns=(urn,), person_id=person_id),
    )


def _colleague(person: Person, roles: Iterable[Role]) -> Colleague:
    return Colleague(
        person.id, person.name, person.email, frozenset(roles), person.password_hash is None
    )
