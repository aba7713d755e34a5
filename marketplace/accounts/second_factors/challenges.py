"""Challenges for passkeys: signed, bound to the browser, good for one purpose, once, 5 minutes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import sqlalchemy as sa
from flask import session as browser_session
from itsdangerous import BadSignature
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.second_factors.models import UsedChallenge
from marketplace.web.signing import signer

LONGEST = timedelta(minutes=5)
BROWSER = "passkey_browser"


class Purpose(StrEnum):
    """What a passkey is asked for; a challenge for one is refused for every other."""

    SIGN_IN = "sign in"
    SECOND_STEP = "second step"
    CONFIRM = "confirm"
    ADD = "add"


@dataclass(frozen=True, slots=True)
class Challenge:
    """Random bytes that a passkey signs; for a new passkey also what devices call its person."""

    value: bytes
    user_handle: str


def make_challenge(
    purpose: Purpose, person_id: int | None, user_handle: str = ""
) -> tuple[bytes, str]:
    """Return a new challenge, and the same signed, for a hidden field.

    Args:
        person_id: whose passkey is to answer; ``None`` if that is not known yet.
        user_handle: what devices are to call the person of a new passkey.
    """
    browser = browser_session.setdefault(BROWSER, secrets.token_urlsafe(16))
    challenge = secrets.token_bytes(32)
    content = [challenge.hex(), purpose, person_id, browser, user_handle]
    return challenge, signer("passkey challenge").dumps(content)


def read_challenge(
    session: Session, purpose: Purpose, person_id: int | None, signed: str
) -> Challenge | None:
    """Return a challenge that was made for this, in this browser, and was not used yet."""
    try:
        text, made_for, made_for_person, browser, handle = signer("passkey challenge").loads(
            signed, max_age=int(LONGEST.total_seconds())
        )
    except BadSignature:
        return None
    here = browser_session.get(BROWSER, "")
    if (made_for, made_for_person) != (purpose, person_id) or not hmac.compare_digest(
        str(browser), str(here)
    ):
        return None
    challenge = Challenge(bytes.fromhex(text), handle)
    if session.get(UsedChallenge, _hash(challenge)) is not None:
        return None
    return challenge


def use_challenge(session: Session, challenge: Challenge) -> None:
    """Note that a challenge was answered rightly; of two who do so at once one is refused."""
    now = clock.now()
    # Twice as long as a challenge is good, so that none is forgotten while it still is.
    session.execute(sa.delete(UsedChallenge).where(UsedChallenge.used_at < now - 2 * LONGEST))
    session.add(UsedChallenge(challenge_hash=_hash(challenge), used_at=now))
    session.flush()


def _hash(challenge: Challenge) -> str:
    return hashlib.sha256(challenge.value).hexdigest()
