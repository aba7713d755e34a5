"""Authenticator apps: codes of six digits that change every half minute (TOTP, RFC 6238)."""

from __future__ import annotations

import hmac
from datetime import datetime

import pyotp
import segno
import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.models import Person
from marketplace.accounts.second_factors.encryption import reseal, seal, unseal
from marketplace.accounts.second_factors.models import Authenticator

ISSUER = "Skillbank"
SECONDS = 30
STEPS_BEFORE = 1
"""How many earlier codes are taken besides the present one: it may change while it is typed."""
SET_UP_SECONDS = 60 * 60
"""How long the page that shows a new secret may stay open."""


def new_secret(person: Person) -> str:
    """Return a new secret for the app of ``person``, encrypted, for a hidden field."""
    return seal(person.id, pyotp.random_base32())


def secret_of_form(person: Person, sealed_secret: str) -> str | None:
    """Return the secret that ``new_secret`` made; ``None`` if it is not this person's or old."""
    return unseal(person.id, sealed_secret, longest_seconds=SET_UP_SECONDS)


def qr_code(person: Person, secret: str) -> str:
    """Return the picture that the app reads, as the address of an image (``data:``)."""
    address = pyotp.TOTP(secret).provisioning_uri(name=person.email, issuer_name=ISSUER)
    return segno.make(address, error="m", micro=False).svg_data_uri(scale=5, light="#fff")


def grouped(secret: str) -> str:
    """Return the secret in groups of four letters, to be typed."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def matching_step(secret: str, code: str, at: datetime) -> int | None:
    """Return the step whose code is ``code``, if that is the present one or the one before."""
    totp = pyotp.TOTP(secret, interval=SECONDS)
    present = int(at.timestamp()) // SECONDS
    for step in range(present, present - STEPS_BEFORE - 1, -1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            return step
    return None


def add(session: Session, person: Person, secret: str, code: str) -> bool:
    """Set up the app that has ``secret``, in place of a former one; say whether ``code`` is right.

    The code counts as used.
    """
    now = clock.now()
    step = matching_step(secret, code, now)
    if step is None:
        return False
    remove(session, person)
    session.add(
        Authenticator(
            person_id=person.id,
            sealed_secret=seal(person.id, secret),
            last_step=step,
            created_at=now,
            last_used_at=now,
        )
    )
    session.flush()
    return True


def use_code(session: Session, person: Person, code: str) -> bool:
    """Say whether ``code`` is one of the person's app now; it works once, and no earlier one."""
    authenticator = session.get(Authenticator, person.id)
    if authenticator is None:
        return False
    secret = unseal(person.id, authenticator.sealed_secret)
    now = clock.now()
    step = matching_step(secret, code, now) if secret is not None else None
    if step is None:
        return False
    # Of two requests with the same code one finds the step taken.
    result = session.execute(
        sa.update(Authenticator)
        .where(Authenticator.person_id == person.id, Authenticator.last_step < step)
        .values(last_step=step, last_used_at=now)
    )
    assert isinstance(result, sa.CursorResult)
    return result.rowcount == 1


def remove(session: Session, person: Person) -> bool:
    """Forget the person's app; return whether there was one."""
    result = session.execute(
        sa.delete(Authenticator).where(Authenticator.person_id == person.id),
        execution_options={"synchronize_session": "fetch"},
    )
    assert isinstance(result, sa.CursorResult)
    return result.rowcount > 0


def reencrypt_all(session: Session) -> tuple[int, list[str]]:
    """Encrypt every secret with the present key.

    Returns:
        How many there are, and the addresses of the people whose secret no key opens.
    """
    count = 0
    unreadable = []
    rows = session.execute(
        sa.select(Authenticator, Person.email)
        .join(Person, Person.id == Authenticator.person_id)
        .order_by(Person.email)
        .with_for_update(of=Authenticator)
    )
    for authenticator, email in rows:
        sealed = reseal(authenticator.sealed_secret)
        if sealed is None:
            unreadable.append(email)
        else:
            authenticator.sealed_secret = sealed
            count += 1
    session.flush()
    return count, unreadable
