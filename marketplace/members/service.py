"""A school's people: who works there in which role, and the rules by which that changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts import sessions
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person, RoleGrant
from marketplace.accounts.roles import Permission, Role
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.accounts.service import grant_role, normalise_email
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
    query = sa.select(School).where(School.urn == urn)
    school = session.scalar(query.with_for_update(key_share=True) if lock else query)
    if school is None or school.joined_at is None or actor.urn not in (None, urn):
        raise NotFound
    if (
        lock
        and Role.ADMINISTRATOR in actor.roles
        and actor.person_id not in _administrators(session, urn)
    ):
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


def add_colleague(
    session: Session,
    actor: Actor,
    urn: int,
    *,
    name: str,
    email: str,
    roles: Iterable[Role],
    known: bool,
) -> tuple[Person, bool]:
    """Give a person roles at the school; return them, and whether they must choose a password.

    A person who works elsewhere keeps their account and just gets the roles, once the
    administrator says (``known``) that they know whose account it is. An account without any role
    starts afresh, so that its former password does not open it.

    Raises:
        Refusal: for a wrong entry or address, a closed school, a person who is not ``known``, or
            an account that cannot be used.
    """
    school = school_to_manage(session, actor, urn, lock=True)
    address = normalise_email(email)
    person = session.scalar(
        sa.select(Person).where(Person.email == address).with_for_update(key_share=True)
    )
    if person is None:
        person = Person(email=address, name=name.strip(), created_at=clock.now())
        session.add(person)
        session.flush()
    elif not person.active:
        raise Refusal(f"The account of {address} is switched off.", field="email")
    elif elsewhere := works_at(session, person.id, besides=urn):
        if person.password_hash is None:
            raise Refusal(
                f"{person.name} has been invited by {_listed(elsewhere)} and has not chosen a"
                " password yet. Ask them to do that first, then add them here.",
                field="email",
            )
        if not known and not roles_at(session, urn, person.id):
            raise Refusal(
                f"{address} is the account of {person.name}, who works at {_listed(elsewhere)}. If"
                " this is your colleague, tick the box below and send it again.",
                field="known",
            )
    elif not roles_at(session, urn, person.id):
        person.password_hash = None
        person.name = name.strip()
    for role in sorted(roles):
        grant_role(session, person, role, school)
    session.flush()
    _record(session, actor, urn, person.id)
    return person, person.password_hash is None


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
    if Role.ADMINISTRATOR in current - roles and _administrators(session, urn) == {person_id}:
        raise Refusal(
            f"This is the only administrator of {school.name}. Make a colleague an administrator"
            " first; it counts once they have chosen a password."
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


def why_no_link(session: Session, actor: Actor, urn: int, person: Person) -> str | None:
    """Say why ``actor`` may not make a link to this account, or ``None`` if they may.

    A link opens the whole account: an administrator may make one for an account with roles at
    their own school only, an operator for any account but those of the network's staff.
    """
    if not person.active:
        return f"The account of {person.name} is switched off."
    elsewhere = works_at(session, person.id, besides=urn)
    if NETWORK_NAME in elsewhere:
        return (
            f"{person.name} works for the network. A new link can only be made on the server, by"
            " the person who runs it (flask --app wsgi people link)."
        )
    if elsewhere and actor.urn is not None:
        return (
            f"{person.name} also works at {_listed(elsewhere)}, and a link would open that too."
            f" {_operators(session)} can make one."
        )
    return None


def refuse_link(session: Session, actor: Actor, urn: int, person: Person) -> None:
    """Refuse a link that ``actor`` may not make.

    Raises:
        Refusal: saying why, and who can help (see ``why_no_link``).
    """
    if (reason := why_no_link(session, actor, urn, person)) is not None:
        raise Refusal(reason)


NETWORK_NAME = "the network"


def works_at(session: Session, person_id: int, *, besides: int) -> list[str]:
    """Return the names of the person's schools, or the network, except the school ``besides``."""
    rows = session.execute(
        sa.select(RoleGrant.school_urn, School.name)
        .outerjoin(School, School.urn == RoleGrant.school_urn)
        .where(
            RoleGrant.person_id == person_id,
            sa.or_(RoleGrant.school_urn.is_(None), RoleGrant.school_urn != besides),
        )
        .distinct()
    )
    return sorted(NETWORK_NAME if urn is None else name for urn, name in rows)


def roles_at(session: Session, urn: int, person_id: int) -> frozenset[Role]:
    """Return the roles the person holds at the school."""
    roles = session.scalars(
        sa.select(RoleGrant.role).where(
            RoleGrant.school_urn == urn, RoleGrant.person_id == person_id
        )
    )
    return frozenset(Role(role) for role in roles)


def _administrators(session: Session, urn: int) -> set[int]:
    """The administrators of the school who can sign in: switched on, with a password."""
    return set(
        session.scalars(
            sa.select(Person.id)
            .join(RoleGrant, RoleGrant.person_id == Person.id)
            .where(
                RoleGrant.school_urn == urn,
                RoleGrant.role == Role.ADMINISTRATOR,
                Person.active,
                Person.password_hash.is_not(None),
            )
        )
    )


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


def _operators(session: Session) -> str:
    addresses = session.scalars(
        sa.select(Person.email)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.role == Role.OPERATOR, Person.active)
        .order_by(Person.email)
        .limit(3)
    ).all()
    return f"The network’s operator ({', '.join(addresses)})" if addresses else "An operator"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
