"""Sessions on the server: a sign-in begins one, and signing out, time or a change ends it.

The cookie has a random token and nothing else that could be used without the server: whoever
copied it is out as soon as the row in ``sign_in`` has ended.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.models import Person, SignIn
from marketplace.accounts.roles import Role
from marketplace.setting_groups import SignInSettings
from marketplace.web.client_address import client_address
from marketplace.web.devices import current_device
from marketplace.web.tokens import hash_token, new_token

TOUCHED_AFTER = timedelta(minutes=1)
"""A session's last use is written at most this often."""

CONFIRMED_FOR = timedelta(minutes=10)
"""How long after proving who they are a person may change people, money policy and security."""

STRICT_ROLES = frozenset({Role.FINANCE, Role.TRUST_FINANCE, Role.OPERATOR, Role.AUDITOR})
"""Whoever holds one of these has the shorter limits."""


class Method(StrEnum):
    """How a person proved who they are; the values are stored."""

    PASSWORD = "password"  # noqa: S105  # it is not a password
    LINK = "link"
    PASSKEY = "passkey"
    SINGLE_SIGN_ON = "single_sign_on"


class EndReason(StrEnum):
    """Why a session ended; the values are stored."""

    SIGNED_OUT = "signed_out"
    REVOKED = "revoked"
    REPLACED = "replaced"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # it is not a password
    ROLES_CHANGED = "roles_changed"
    FACTORS_CHANGED = "factors_changed"
    SWITCHED_OFF = "switched_off"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session may go unused, and how long it may last at all."""

    idle: timedelta
    longest: timedelta


def limits_for(settings: SignInSettings, roles: Iterable[Role]) -> Limits:
    """Return the limits of a person who holds ``roles``, at whichever school."""
    if STRICT_ROLES.isdisjoint(roles):
        minutes = (settings.idle_minutes, settings.longest_minutes)
    else:
        minutes = (settings.strict_idle_minutes, settings.strict_longest_minutes)
    idle, longest = (timedelta(minutes=number) for number in minutes)
    return Limits(idle, longest)


class SessionTimes(Protocol):
    """When a session began, was last used, and was ended."""

    @property
    def created_at(self) -> datetime:
        """When it began."""

    @property
    def last_used_at(self) -> datetime:
        """When it was last used."""

    @property
    def ended_at(self) -> datetime | None:
        """When it was ended; None if it was not."""


def is_over(sign_in: SessionTimes, limits: Limits, now: datetime) -> bool:
    """Say whether the session has been ended or has gone on for too long."""
    return (
        sign_in.ended_at is not None
        or now - sign_in.last_used_at > limits.idle
        or now - sign_in.created_at > limits.longest
    )


def begin(
    session: Session, person: Person, *, method: Method, second_factor: bool = False
) -> tuple[SignIn, str]:
    """Begin a session of ``person`` in this browser; return its row and the browser's token.

    Args:
        second_factor: whether the person has just proved a second factor, too.
    """
    token = new_token()
    now = clock.now()
    sign_in = SignIn(
        token_hash=hash_token(token),
        person_id=person.id,
        method=method,
        created_at=now,
        last_used_at=now,
        address=client_address() or None,
        device=current_device(),
        second_factor_at=now if second_factor else None,
        confirmed_at=now,
    )
    session.add(sign_in)
    session.flush()
    return sign_in, token


def has_begun_any(session: Session, person_id: int) -> bool:
    """Say whether the person has ever signed in, as far back as sessions are kept."""
    rows = sa.select(SignIn.id).where(SignIn.person_id == person_id)
    return bool(session.scalar(sa.select(rows.exists())))


def rotate(session: Session, sign_in_id: int) -> str:
    """Give a session another token, and return it; the old one no longer works."""
    token = new_token()
    session.execute(
        sa.update(SignIn)
        .where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None))
        .values(token_hash=hash_token(token))
    )
    return token


def touch(session: Session, sign_in_id: int, now: datetime) -> None:
    """Note that a session is in use."""
    session.execute(
        sa.update(SignIn)
        .where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None), SignIn.last_used_at < now)
        .values(last_used_at=now)
    )


def confirm(session: Session, sign_in_id: int, *, second_factor: bool) -> None:
    """Note that the person has just proved once more who they are.

    Args:
        second_factor: whether they proved it by a second factor.
    """
    now = clock.now()
    times = {"confirmed_at": now} | ({"second_factor_at": now} if second_factor else {})
    session.execute(sa.update(SignIn).where(SignIn.id == sign_in_id).values(**times))


def end(session: Session, sign_in_id: int, reason: EndReason) -> bool:
    """End one session; return whether it was still going on."""
    return _end(session, SignIn.id == sign_in_id, reason) > 0


def end_own(session: Session, person_id: int, sign_in_id: int, reason: EndReason) -> bool:
    """End one session if it is the person's own; return whether it was, and was going on."""
    condition = (SignIn.id == sign_in_id) & (SignIn.person_id == person_id)
    return _end(session, condition, reason) > 0


def end_all(
    session: Session, person_id: int, reason: EndReason, *, besides: int | None = None
) -> int:
    """End every session of a person, but the one ``besides``; return how many."""
    condition = SignIn.person_id == person_id
    if besides is not None:
        condition &= SignIn.id != besides
    return _end(session, condition, reason)


def open_sessions(session: Session, person_id: int, limits: Limits) -> list[SignIn]:
    """Return the sessions of a person that are still good, the last used first."""
    return list(
        session.scalars(
            sa.select(SignIn)
            .where(*_is_open(person_id, limits))
            .order_by(SignIn.last_used_at.desc(), SignIn.id.desc())
        )
    )


def count_open(session: Session, person_id: int, limits: Limits) -> int:
    """Return how many sessions of a person are still good."""
    count = sa.select(sa.func.count(SignIn.id)).where(*_is_open(person_id, limits))
    return session.scalar(count) or 0


def _is_open(person_id: int, limits: Limits) -> tuple[sa.ColumnElement[bool], ...]:
    now = clock.now()
    return (
        SignIn.person_id == person_id,
        SignIn.ended_at.is_(None),
        SignIn.last_used_at >= now - limits.idle,
        SignIn.created_at >= now - limits.longest,
    )


def _end(session: Session, condition: sa.ColumnElement[bool], reason: EndReason) -> int:
    result = session.execute(
        sa.update(SignIn)
        .where(condition, SignIn.ended_at.is_(None))
        .values(ended_at=clock.now(), end_reason=reason),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(result, sa.CursorResult)
    return result.rowcount
