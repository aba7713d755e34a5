"""Half way through a sign-in: the password was right, and the second factor is still to come.

There is no session yet. The browser's cookie has a signed note of who it is, good for ten minutes
and for nothing but the second step.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from flask import g
from flask import session as browser_session
from itsdangerous import BadSignature
from sqlalchemy.orm import Session

from marketplace.accounts import sessions
from marketplace.accounts.access import find_current_user
from marketplace.accounts.models import Person
from marketplace.accounts.sessions import Method
from marketplace.web.signing import signer

NOTE = "half_way"
LONGEST_SECONDS = 10 * 60


@dataclass(frozen=True, slots=True)
class HalfWay:
    """Who has taken the first step, and by which method."""

    person: Person
    method: Method


def begin(session: Session, person: Person, method: Method) -> None:
    """Note in the browser that the first step was right; a session before it ends."""
    former = find_current_user()
    if former is not None:
        sessions.end(session, former.sign_in_id, sessions.EndReason.REPLACED)
        g.current_user = None
    browser_session.clear()
    g.pop("csrf_token", None)  # it was made for the session that has just been cleared
    note = signer("half way through a sign-in").dumps([person.id, method, _state(person)])
    browser_session[NOTE] = note


def current(session: Session) -> HalfWay | None:
    """Return who is half way in this browser; ``None`` if nobody is, or for too long.

    A new password ends it, and so does switching the account off.
    """
    try:
        person_id, method, state = signer("half way through a sign-in").loads(
            browser_session.get(NOTE, ""), max_age=LONGEST_SECONDS
        )
    except BadSignature:
        return None
    person = session.get(Person, person_id)
    if person is None or not person.active or state != _state(person):
        return None
    return HalfWay(person, Method(method))


def _state(person: Person) -> str:
    return hashlib.sha256((person.password_hash or "").encode()).hexdigest()[:32]
