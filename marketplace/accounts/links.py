"""One-time links with which a person chooses a password, where no e-mail can be sent."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from itsdangerous import BadSignature
from sqlalchemy.orm import Session

from marketplace.accounts.models import Person, RoleGrant
from marketplace.accounts.service import hash_password
from marketplace.web.signing import signer

DAYS = 7
LONGEST_SECONDS = DAYS * 24 * 60 * 60


def make_link(session: Session, person: Person) -> str:
    """Return the secret part of a link that lets ``person`` choose a password, for ``DAYS`` days.

    It expires when a password has been chosen, and as soon as the person works at another school:
    the administrator of one school must not enter another one with it.
    """
    return signer("choose a password").dumps([person.id, _state(session, person)])


def person_of_link(session: Session, token: str, *, lock: bool = False) -> Person | None:
    """Return the person the link is for; ``None`` if it was used, has expired, or is forged."""
    try:
        person_id, state = signer("choose a password").loads(token, max_age=LONGEST_SECONDS)
    except BadSignature:
        return None
    person = session.get(Person, person_id, with_for_update=lock, populate_existing=lock)
    if person is None or not person.active or state != _state(session, person):
        return None
    return person


def choose_password(session: Session, token: str, password: str) -> Person | None:
    """Set the password of the person the link is for; return ``None`` if it has expired.

    Raises:
        Refusal: if the password is too short or absurdly long.
    """
    person = person_of_link(session, token, lock=True)
    if person is not None:
        person.password_hash = hash_password(password)
        session.flush()
    return person


def _state(session: Session, person: Person) -> str:
    """A fingerprint of the password and of where the person works."""
    urns = session.scalars(
        sa.select(RoleGrant.school_urn).where(RoleGrant.person_id == person.id).distinct()
    )
    parts = [person.password_hash or "", *sorted(str(urn) for urn in urns)]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()
