"""Trying a password: the try is counted, then looked at, then noted."""

from __future__ import annotations

from sqlalchemy.orm import Session

from marketplace.accounts import throttling
from marketplace.accounts.known_devices import find_device
from marketplace.accounts.models import Person
from marketplace.accounts.passwords import is_right
from marketplace.accounts.security_log import SecurityKind, record_apart
from marketplace.accounts.service import authenticate, find_by_email, typed_address

KIND = "password"


def try_password(session: Session, email: str, password: str) -> Person | None:
    """Return the person with this address and password, or ``None``.

    Call it before anything is written in ``session`` (see ``throttling.check``).

    Raises:
        TooManyTries: if so many tries have failed that this one has to wait.
    """
    account = find_by_email(session, email)
    account_id = account.id if account is not None else None
    device = find_device(session, account_id)
    buckets = throttling.account_buckets(KIND, typed_address(email), device)
    attempt = throttling.check(session, *buckets)
    person = authenticate(session, email, password)
    if person is not None:
        throttling.passed(session, attempt)
        return person
    throttling.failed(attempt, account_id)
    record_apart(SecurityKind.SIGN_IN_FAILED, person_id=account_id)
    return None


def try_own_password(session: Session, person_id: int, sign_in_id: int, password: str) -> bool:
    """Say whether ``password`` is that of a person who is signed in.

    Wrong ones are counted for this one session. Call it before anything is written in ``session``.

    Raises:
        TooManyTries: if so many were wrong in this session that this one has to wait.
    """
    bucket = throttling.Bucket(f"own password|{person_id}|session {sign_in_id}", str(person_id))
    attempt = throttling.check(session, bucket)
    if is_right(session.get_one(Person, person_id).password_hash, password):
        throttling.passed(session, attempt)
        return True
    throttling.failed(attempt, person_id)
    return False
