"""One-time links with which somebody chooses a password, where no e-mail can be sent."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from marketplace.people.models import Person, RoleGrant
from marketplace.people.service import hash_password

DAYS = 7
LONGEST_SECONDS = DAYS * 24 * 60 * 60


def make_link(session: Session, person: Person) -> str:
    """The secret part of a link that lets ``person`` choose a password, for ``DAYS`` days.

    It is used up when a password has been chosen, and ends as soon as the person works at another
    place: whoever made it for one school must not come into the next one with it.
    """
    return _serializer().dumps([person.id, _state(session, person)])


def person_of_link(session: Session, token: str, *, lock: bool = False) -> Person | None:
    """Whose link this is; ``None`` if it is used up, too old, or no link of ours."""
    try:
        person_id, state = _serializer().loads(token, max_age=LONGEST_SECONDS)
    except BadSignature:
        return None
    person = session.get(Person, person_id, with_for_update=lock, populate_existing=lock)
    if person is None or not person.active or state != _state(session, person):
        return None
    return person


def choose_password(session: Session, token: str, password: str) -> Person | None:
    """Set the password of the person whose link this is; ``None`` if the link is over.

    Raises:
        PeopleError: if the password is too short or absurdly long.
    """
    person = person_of_link(session, token, lock=True)
    if person is not None:
        person.password_hash = hash_password(password)
        session.flush()
    return person


def _state(session: Session, person: Person) -> str:
    """A fingerprint of the password and of the places where the person works."""
    places = session.scalars(
        sa.select(RoleGrant.school_urn).where(RoleGrant.person_id == person.id).distinct()
    )
    parts = [person.password_hash or "", *sorted(str(urn) for urn in places)]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="choose a password")
