"""Accounts: create them, grant roles, and check passwords at sign-in."""

from __future__ import annotations

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.models import Person, RoleGrant
from marketplace.accounts.passwords import (
    hash_is_old,
    hash_password,
    is_right,
    refuse_guessable,
)
from marketplace.accounts.roles import NETWORK_ROLES, TRUST_ROLES, Role
from marketplace.errors import Refusal
from marketplace.schools.models import School


def normalise_email(email: str) -> str:
    """Return the one spelling under which an address is kept.

    Raises:
        Refusal: if it is not an e-mail address.
    """
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise Refusal(
            f"“{email.strip()[:80]}” is not an e-mail address: {error}", field="email"
        ) from error


def create_person(session: Session, *, email: str, name: str, password: str) -> Person:
    """Make a person who can sign in.

    Raises:
        Refusal: for a bad address or password, a missing name, or an address already taken.
    """
    address = normalise_email(email)
    if not (name := name.strip()):
        raise Refusal("Give the person’s name.")
    hashed = hash_password(password)
    refuse_guessable(password, [name, address])
    if session.scalar(sa.select(Person.id).where(Person.email == address)) is not None:
        raise Refusal(f"An account with the address {address} is already here.")
    person = Person(
        email=address,
        name=name,
        password_hash=hashed,
        created_at=clock.now(),
    )
    session.add(person)
    session.flush()
    return person


def grant_role(
    session: Session, person: Person, role: Role, school: School | None = None
) -> RoleGrant:
    """Grant ``person`` a role; a second time changes nothing.

    Raises:
        Refusal: if a network role names a school, a school role names none, or the school
            is closed.
    """
    if role in TRUST_ROLES:
        raise Refusal(f"The role {role.label} is held for a trust, not at one school.")
    if (role in NETWORK_ROLES) != (school is None):
        where = "the whole network, not at one school" if role in NETWORK_ROLES else "a school"
        raise Refusal(f"The role {role} is held for {where}.")
    if school is not None and school.status == "closed":
        raise Refusal(f"{school.name} (URN {school.urn}) is closed.")
    urn = school.urn if school else None
    existing = session.scalar(
        sa.select(RoleGrant).where(
            RoleGrant.person_id == person.id,
            RoleGrant.school_urn.is_(None) if urn is None else RoleGrant.school_urn == urn,
            RoleGrant.role == role,
        )
    )
    if existing is not None:
        return existing
    grant = RoleGrant(person_id=person.id, school_urn=urn, role=role, granted_at=clock.now())
    session.add(grant)
    session.flush()
    return grant


def find_by_email(session: Session, email: str) -> Person | None:
    """Return the person who signs in with this address, however it is typed."""
    return session.scalar(sa.select(Person).where(Person.email == typed_address(email)))


def typed_address(email: str) -> str:
    """Return a typed address as it is compared: whether it is one does not matter."""
    return email.strip().lower()[:254]


def authenticate(session: Session, email: str, password: str) -> Person | None:
    """Return the person with this address and password, or ``None``.

    A wrong address costs the same work as a wrong password, so that neither the answer nor its
    time tells who has an account. A password that was hashed with former parameters is hashed
    anew.
    """
    person = find_by_email(session, email)
    if not is_right(person.password_hash if person else None, password):
        return None
    assert person is not None
    if not person.active:
        return None
    if person.password_hash is not None and hash_is_old(person.password_hash):
        person.password_hash = hash_password(password)
        session.flush()
    return person
