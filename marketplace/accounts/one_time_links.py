"""One-time links: what arrived by e-mail lets its reader do one thing, once, for a while.

The token is in the e-mail and nowhere else: the table has its SHA-256. Opening a page never spends
a link, because mail scanners open links too; only the form on that page does.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.models import OneTimeLink, Person
from marketplace.web.tokens import hash_token, new_token


class Purpose(StrEnum):
    """What a link lets its reader do; the values are stored."""

    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105  # it is not a password
    ADDRESS_CHANGE = "address_change"
    ADDRESS_BACK = "address_back"


LIFETIMES = {
    Purpose.INVITATION: timedelta(days=7),
    Purpose.PASSWORD_RESET: timedelta(hours=1),
    Purpose.ADDRESS_CHANGE: timedelta(days=1),
    Purpose.ADDRESS_BACK: timedelta(days=30),
}


def make(
    session: Session,
    purpose: Purpose,
    person_id: int,
    *,
    school_urn: int | None = None,
    address: str | None = None,
    maker_id: int | None = None,
    lifetime: timedelta | None = None,
) -> str:
    """Make a link for a person, and return its token; the one before it no longer works.

    Ways back to former addresses are the exception: each works until its own time.

    Args:
        school_urn: the school that it concerns; each school has a link of its own.
        address: the e-mail address that it is about, such as the new one of a person.
        maker_id: who asked for it, if it is another person.
        lifetime: how long it works, if not for the time in `LIFETIMES`.
    """
    now = clock.now()
    if purpose is not Purpose.ADDRESS_BACK:
        _revoke(session, _is_for(purpose, person_id) & _is_of_school(school_urn))
    token = new_token()
    session.add(
        OneTimeLink(
            purpose=purpose,
            person_id=person_id,
            token_hash=hash_token(token),
            school_urn=school_urn,
            address=address,
            maker_id=maker_id,
            created_at=now,
            expires_at=now + (lifetime or LIFETIMES[purpose]),
        )
    )
    session.flush()
    return token


def find(session: Session, token: str, *purposes: Purpose) -> tuple[OneTimeLink, Person] | None:
    """Return the link with ``token`` and its person, without spending it.

    Returns:
        ``None`` if it was used or revoked, has expired, is for something else, or if the account
        is switched off.
    """
    row = session.execute(
        sa.select(OneTimeLink, Person)
        .join(Person, Person.id == OneTimeLink.person_id)
        .where(
            OneTimeLink.token_hash == hash_token(token),
            OneTimeLink.purpose.in_(purposes),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.revoked_at.is_(None),
            OneTimeLink.expires_at > clock.now(),
            Person.active,
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def is_open(session: Session, token: str) -> bool:
    """Say whether ``token`` is that of a link, for whatever purpose, that still works."""
    return find(session, token, *Purpose) is not None


def open_link(session: Session, person_id: int, purpose: Purpose) -> OneTimeLink | None:
    """Return the person's link for ``purpose`` that still works, the last made; or ``None``."""
    return session.scalars(
        sa.select(OneTimeLink)
        .where(
            _is_for(purpose, person_id),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.revoked_at.is_(None),
            OneTimeLink.expires_at > clock.now(),
        )
        .order_by(OneTimeLink.id.desc())
        .limit(1)
    ).first()


def use(session: Session, link: OneTimeLink) -> bool:
    """Spend a link; return false if another request has just spent or revoked it."""
    result = session.execute(
        sa.update(OneTimeLink)
        .where(
            OneTimeLink.id == link.id,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.revoked_at.is_(None),
            OneTimeLink.expires_at > clock.now(),
        )
        .values(used_at=clock.now()),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(result, sa.CursorResult)
    return result.rowcount == 1


def revoke(
    session: Session,
    person_id: int,
    *purposes: Purpose,
    school_urn: int | None = None,
    younger_than: OneTimeLink | None = None,
) -> int:
    """End the person's links for ``purposes`` (for everything, if none is named); count them.

    Args:
        school_urn: only those that concern this school.
        younger_than: only those made after this one.
    """
    condition = OneTimeLink.person_id == person_id
    if purposes:
        condition &= OneTimeLink.purpose.in_(purposes)
    if school_urn is not None:
        condition &= OneTimeLink.school_urn == school_urn
    if younger_than is not None:
        condition &= OneTimeLink.id > younger_than.id
    return _revoke(session, condition)


def _is_for(purpose: Purpose, person_id: int) -> sa.ColumnElement[bool]:
    return (OneTimeLink.purpose == purpose) & (OneTimeLink.person_id == person_id)


def _is_of_school(urn: int | None) -> sa.ColumnElement[bool]:
    return OneTimeLink.school_urn.is_(None) if urn is None else OneTimeLink.school_urn == urn


def _revoke(session: Session, condition: sa.ColumnElement[bool]) -> int:
    result = session.execute(
        sa.update(OneTimeLink)
        .where(condition, OneTimeLink.used_at.is_(None), OneTimeLink.revoked_at.is_(None))
        .values(revoked_at=clock.now()),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(result, sa.CursorResult)
    return result.rowcount
