"""A forgotten password: a link by e-mail, and the new password that is chosen with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts import known_devices, one_time_links, sessions, throttling
from marketplace.accounts.events import LockedOut, ResetAsked
from marketplace.accounts.models import Person, RoleGrant
from marketplace.accounts.notices import tell_person
from marketplace.accounts.one_time_links import LIFETIMES, Purpose
from marketplace.accounts.passwords import hash_password, refuse_guessable
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.accounts.service import find_by_email, typed_address
from marketplace.mail.service import mark_working, queue_email
from marketplace.outbox import record
from marketplace.outbox.subscribers import get_subscribers
from marketplace.schools.models import School
from marketplace.web.addresses import site_link

CHOOSING = (Purpose.PASSWORD_RESET, Purpose.INVITATION)
"""The links with which a person chooses a password."""

FREE_RESETS = 3
WAIT_FOR_RESET = timedelta(minutes=5)
"""After so many e-mails to one address, another one is sent after this time at the earliest."""


def init_app(app: Flask) -> None:
    """Send the e-mails outside of the request, whose time would tell who has an account."""
    subscribers = get_subscribers(app)
    subscribers.subscribe(ResetAsked, "accounts.send_reset", _send_reset)
    subscribers.subscribe(LockedOut, "accounts.tell_locked_out", _tell_locked_out)


def ask_for_reset(session: Session, email: str) -> None:
    """Let a link be sent to the address, if it is one of an account; the caller cannot tell.

    Every address costs the same work here, and too many requests for one do nothing.
    """
    account = typed_address(email)
    bucket = throttling.Bucket(f"reset|{account}", account, FREE_RESETS, first_wait=WAIT_FOR_RESET)
    try:
        throttling.check(session, bucket)
    except throttling.TooManyTries:
        return
    person = find_by_email(session, email)
    person_id = person.id if person is not None and person.active else None
    record(session, ResetAsked(actor_id=None, school_urns=(), person_id=person_id))
    record_security(session, SecurityKind.RESET_ASKED, person_id=person_id)


def start_reset(
    session: Session,
    person: Person,
    *,
    maker: str = "",
    maker_id: int | None = None,
    school_urn: int | None = None,
    removed: Sequence[str] | None = None,
) -> None:
    """Send a person a link to choose a new password; nobody else sees it.

    Args:
        maker: the administrator who started it, in words; empty if the person asked.
        maker_id: their number.
        school_urn: the school at which they did.
        removed: if the person has taken their account back, what went that others had added.
    """
    lasts = lasts_for(person) if maker else LIFETIMES[Purpose.PASSWORD_RESET]
    token = one_time_links.make(
        session, Purpose.PASSWORD_RESET, person.id, maker_id=maker_id, lifetime=lasts
    )
    record_security(
        session,
        SecurityKind.LINK_MADE,
        person_id=person.id,
        actor_id=maker_id,
        school_urn=school_urn,
    )
    queue_email(
        session,
        template="password_reset",
        to=person.email,
        person_id=person.id,
        school_urn=school_urn,
        secret=True,
        even_if_failing=True,
        name=person.name,
        maker=maker,
        is_taken_back=removed is not None,
        removed=removed or (),
        is_new=person.password_hash is None,
        lasts=in_words(lasts),
        link=site_link("accounts.use_link", token=token),
        asked_at=clock.now(),
    )


def lasts_for(person: Person) -> timedelta:
    """Return how long a link works that an administrator has sent: the person may be away."""
    return timedelta(days=7) if person.password_hash is None else timedelta(days=1)


def in_words(length: timedelta) -> str:
    """Return a length of whole hours in words: “an hour”, “a day”, “7 days”."""
    hours = length // timedelta(hours=1)
    if hours == 1:
        return "an hour"
    if hours % 24:
        return f"{hours} hours"
    return "a day" if hours == 24 else f"{hours // 24} days"


def choose_password(session: Session, token: str, password: str) -> Person | None:
    """Set the password of the person the link is for, and end everything that the old one opened.

    Returns:
        ``None`` if the link has been used or has expired.

    Raises:
        Refusal: if the password is too short, too long or too easy to guess.
    """
    row = one_time_links.find(session, token, *CHOOSING)
    if row is None:
        return None
    link, person = row
    if not one_time_links.use(session, link):
        return None
    set_password(session, person, password)
    mark_working(session, person.email)
    one_time_links.revoke(session, person.id, *CHOOSING, Purpose.ADDRESS_CHANGE)
    sessions.end_all(session, person.id, sessions.EndReason.PASSWORD_CHANGED)
    known_devices.forget_devices(session, person.id)
    return person


def set_password(session: Session, person: Person, password: str) -> None:
    """Set a person's password, note it in the security log, and tell them.

    Raises:
        Refusal: if the password is too short, too long or too easy to guess.
    """
    hashed = hash_password(password)
    refuse_guessable(password, password_context(session, person))
    is_first = person.password_hash is None
    person.password_hash = hashed
    session.flush()
    record_security(session, SecurityKind.PASSWORD_CHANGED, person_id=person.id, actor_id=person.id)
    if not is_first:
        tell_person(session, person.id, SecurityKind.PASSWORD_CHANGED)


def password_context(session: Session, person: Person) -> Sequence[str]:
    """Return the texts whose words must not make up the person's password."""
    schools = session.scalars(
        sa.select(School.name)
        .join(RoleGrant, RoleGrant.school_urn == School.urn)
        .where(RoleGrant.person_id == person.id)
        .distinct()
    )
    return [person.name, person.email, *schools]


def _send_reset(session: Session, event: ResetAsked) -> None:
    person = session.get(Person, event.person_id) if event.person_id is not None else None
    if person is not None and person.active:
        start_reset(session, person)


def _tell_locked_out(session: Session, event: LockedOut) -> None:
    if event.person_id is not None:
        tell_person(session, event.person_id, SecurityKind.LOCKED_OUT)
