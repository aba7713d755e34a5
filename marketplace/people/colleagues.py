"""A school's people: who works there in which role, and the rules by which that changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.people.models import Person, RoleGrant
from marketplace.people.roles import Permission, Role
from marketplace.people.service import grant_role, normalise_email
from marketplace.people.viewer import Acting
from marketplace.schools.models import School
from marketplace.web.problems import NotAllowed, NotFound, Problem, Stale


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works at a school; ``invited`` says that they have no password yet."""

    person_id: int
    name: str
    email: str
    roles: frozenset[Role]
    invited: bool


def school_to_manage(session: Session, who: Acting, urn: int, *, lock: bool = False) -> School:
    """The school whose people ``who`` manages: their own, or any that takes part for an operator.

    ``lock`` lets one change to a school's people follow another; what ``who`` may do is then read
    again, for somebody may just have taken it away.

    Raises:
        NotAllowed: if the roles do not allow it (any more).
        NotFound: if it is another school, or one that does not take part.
    """
    who.require(Permission.MANAGE_PEOPLE)
    query = sa.select(School).where(School.urn == urn)
    school = session.scalar(query.with_for_update(key_share=True) if lock else query)
    if school is None or school.joined_at is None or who.urn not in (None, urn):
        raise NotFound
    if lock and Role.ADMINISTRATOR in who.roles and who.person_id not in _holders(session, urn):
        raise NotAllowed("You are no longer an administrator of this school.")
    return school


def colleagues_of(session: Session, urn: int) -> list[Colleague]:
    """Everybody who holds a role at the school, by name."""
    people: dict[int, tuple[Person, set[Role]]] = {}
    for person, role in session.execute(
        sa.select(Person, RoleGrant.role)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.school_urn == urn)
        .order_by(Person.id)
    ):
        people.setdefault(person.id, (person, set()))[1].add(Role(role))
    found = [_colleague(person, roles) for person, roles in people.values()]
    return sorted(found, key=lambda one: (one.name.casefold(), one.person_id))


def colleague(session: Session, urn: int, person_id: int) -> tuple[Person, Colleague]:
    """Somebody who works at the school.

    Raises:
        NotFound: if they hold no role there.
    """
    person = session.get(Person, person_id)
    held = roles_at(session, urn, person_id)
    if person is None or not held:
        raise NotFound
    return person, _colleague(person, held)


def add_colleague(
    session: Session,
    who: Acting,
    urn: int,
    *,
    name: str,
    email: str,
    roles: Iterable[Role],
    known: bool,
) -> tuple[Person, bool]:
    """Give somebody roles at the school; gives them, and whether they must choose a password.

    Somebody who works elsewhere keeps their account and just gets the roles, once the person who
    adds them says (``known``) that they know whose account it is. An account without any role is
    nobody's: it begins anew, so that whoever had its password does not come in with it.

    Raises:
        Problem: for a wrong entry, someone not ``known``, or an account that cannot be used.
        PeopleError: if the address is none, or the school is closed.
    """
    school = school_to_manage(session, who, urn, lock=True)
    address = normalise_email(email)
    person = session.scalar(
        sa.select(Person).where(Person.email == address).with_for_update(key_share=True)
    )
    if person is None:
        person = Person(email=address, name=name.strip(), created_at=datetime.now(UTC))
        session.add(person)
        session.flush()
    elif not person.active:
        raise Problem(f"The account of {address} is switched off.", field="email")
    elif elsewhere := works_at(session, person.id, besides=urn):
        if person.password_hash is None:
            raise Problem(
                f"{person.name} has been invited by {_and(elsewhere)} and has not chosen a password"
                " yet. Ask them to do that first, then add them here.",
                field="email",
            )
        if not known and not roles_at(session, urn, person.id):
            raise Problem(
                f"{address} is the account of {person.name}, who works at {_and(elsewhere)}. If"
                " this is your colleague, tick the box below and send it again.",
                field="known",
            )
    elif not roles_at(session, urn, person.id):
        person.password_hash = None
        person.name = name.strip()
    for role in sorted(roles):
        grant_role(session, person, role, school)
    session.flush()
    return person, person.password_hash is None


def change_roles(
    session: Session,
    who: Acting,
    urn: int,
    person_id: int,
    roles: frozenset[Role],
    *,
    seen: frozenset[Role],
) -> bool:
    """Give somebody exactly ``roles`` at the school (none removes them); says if that was new.

    Raises:
        NotFound: if they hold no role there and are to have some.
        Stale: if their roles are no longer those that were ``seen``.
        Problem: if the school would lose its last administrator.
    """
    school = school_to_manage(session, who, urn, lock=True)
    now = roles_at(session, urn, person_id)
    if now == roles:
        return False
    if not now:
        raise NotFound
    if now != seen:
        raise Stale("Somebody else has changed these roles since you opened the page.")
    if Role.ADMINISTRATOR in now - roles and _holders(session, urn) == {person_id}:
        raise Problem(
            f"This is the only administrator of {school.name}. Make somebody else an administrator"
            " first (it counts once they have chosen a password)."
        )
    session.execute(
        sa.delete(RoleGrant).where(
            RoleGrant.person_id == person_id,
            RoleGrant.school_urn == urn,
            RoleGrant.role.in_(now - roles),
        )
    )
    person = session.get_one(Person, person_id)
    for role in sorted(roles - now):
        grant_role(session, person, role, school)
    return True


def why_no_link(session: Session, who: Acting, urn: int, person: Person) -> str | None:
    """Why ``who`` may not make a link to this account, and who can help; ``None`` if they may.

    A link opens the whole account: an administrator may open one that leads nowhere but to their
    own school, an operator any but those of the network's own staff.
    """
    if not person.active:
        return f"The account of {person.name} is switched off."
    elsewhere = works_at(session, person.id, besides=urn)
    if NETWORK_NAME in elsewhere:
        return (
            f"{person.name} works for the network. A new link can only be made on the server, by"
            " whoever runs it (flask --app wsgi people link)."
        )
    if elsewhere and who.urn is not None:
        return (
            f"{person.name} also works at {_and(elsewhere)}, and a link would open that too."
            f" {_operators(session)} can make one."
        )
    return None


NETWORK_NAME = "the network"


def works_at(session: Session, person_id: int, *, besides: int) -> list[str]:
    """The names of the places where the person works, but for the school ``besides``."""
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
    """The roles the person holds at the school."""
    held = session.scalars(
        sa.select(RoleGrant.role).where(
            RoleGrant.school_urn == urn, RoleGrant.person_id == person_id
        )
    )
    return frozenset(Role(role) for role in held)


def _holders(session: Session, urn: int) -> set[int]:
    """Who can sign in as an administrator of the school."""
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


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
