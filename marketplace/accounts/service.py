"""Accounts: create them, grant roles, and check passwords at sign-in."""

from __future__ import annotations

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.models import Person, RoleGrant
from marketplace.accounts.roles import NETWORK_ROLES, TRUST_ROLES, Role
from marketplace.errors import Refusal
from marketplace.schools.models import School

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256

_hasher = PasswordHasher()
# Checked for an unknown address, so that it takes as long as a wrong password.
_NOBODYS_HASH = _hasher.hash("nobody has this password")


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


def hash_password(password: str) -> str:
    """Return the argon2 hash to store.

    Raises:
        Refusal: if the password is too short or absurdly long.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise Refusal(f"The password must have at least {SHORTEST_PASSWORD} characters.")
    if len(password) > LONGEST_PASSWORD:
        raise Refusal(f"The password must have at most {LONGEST_PASSWORD} characters.")
    return _hasher.hash(password)


def create_person(session: Session, *, email: str, name: str, password: str) -> Person:
    """Make a person who can sign in.

    Raises:
        Refusal: for a bad address or password, a missing name, or an address already taken.
    """
    address = normalise_email(email)
    if not (name := name.strip()):
        raise Refusal("Give the person’s name.")
    if session.scalar(sa.select(Person.id).where(Person.email == address)) is not None:
        raise Refusal(f"An account with the address {address} is already here.")
    person = Person(
        email=address,
        name=name,
        password_hash=hash_password(password),
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


def authenticate(session: Session, email: str, password: str) -> Person | None:
    """Return the person with this address and password, or ``None``.

    A wrong address costs the same work as a wrong password, so that neither the answer nor its
    time tells who has an account.
    """
    person = session.scalar(sa.select(Person).where(Person.email == email.strip().lower()))
    stored = person.password_hash if person and person.password_hash else _NOBODYS_HASH
    try:
        _hasher.verify(stored, password[: LONGEST_PASSWORD + 1])
    except (VerificationError, InvalidHashError):
        return None
    if person is None or person.password_hash is None or not person.active:
        return None
    return person
