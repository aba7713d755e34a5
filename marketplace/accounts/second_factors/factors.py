"""A person's second factors taken together: what they have, what they must have, a reset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts import sessions, throttling
from marketplace.accounts.known_devices import find_device
from marketplace.accounts.models import Person
from marketplace.accounts.second_factors import authenticators, passkeys, recovery_codes
from marketplace.accounts.second_factors.models import Authenticator, Passkey
from marketplace.accounts.second_factors.telling import tell
from marketplace.accounts.security_log import SecurityKind
from marketplace.errors import NotFound, Refusal

CODE = "code"
"""What `throttling` calls the codes of apps and recovery codes, which are counted together."""


@dataclass(frozen=True, slots=True)
class Factors:
    """What a person has: since when an authenticator app, which passkeys, how many codes."""

    authenticator_since: datetime | None
    passkeys: list[Passkey]
    recovery_codes: int

    @property
    def any(self) -> bool:
        """Whether there is a factor at all; recovery codes only replace one."""
        return self.authenticator_since is not None or bool(self.passkeys)

    @property
    def count(self) -> int:
        """How many factors there are."""
        return len(self.passkeys) + (self.authenticator_since is not None)


def factors_of(session: Session, person: Person) -> Factors:
    """Return what the person has."""
    authenticator = session.get(Authenticator, person.id)
    return Factors(
        authenticator.created_at if authenticator else None,
        passkeys.of_person(session, person.id),
        recovery_codes.left(session, person),
    )


def has_factor(session: Session, person_id: int) -> bool:
    """Say whether a password alone is not enough for this person."""
    return bool(
        session.scalar(
            sa.select(
                sa.or_(
                    sa.exists().where(Authenticator.person_id == person_id),
                    sa.exists().where(Passkey.person_id == person_id),
                )
            )
        )
    )


def use_code(session: Session, person: Person, typed: str) -> bool:
    """Say whether ``typed`` is a code of the person's app, or a recovery code; it works once.

    The person is told of a recovery code that was used. Call it before anything is written in
    ``session`` (see ``throttling.check``).

    Raises:
        TooManyTries: if so many codes were wrong that this one has to wait.
    """
    device = find_device(session, person.id)
    buckets = throttling.account_buckets(CODE, str(person.id), device)
    attempt = throttling.check(session, *buckets)
    if not _is_right(session, person, typed):
        throttling.failed(attempt, person.id)
        return False
    throttling.passed(session, attempt)
    return True


def added(session: Session, person: Person, sign_in_id: int, had_any: bool) -> list[str]:
    """Follow up on a new factor: the session has proved it, and others sign in again.

    Returns:
        New recovery codes, to be shown once, if it is the person's first factor; else nothing.
    """
    sessions.confirm(session, sign_in_id, second_factor=True)
    if had_any:
        return []
    sessions.end_all(session, person.id, sessions.EndReason.FACTORS_CHANGED, besides=sign_in_id)
    return recovery_codes.make(session, person)


def remove_authenticator(session: Session, person: Person, *, required: bool) -> None:
    """Take the authenticator app away.

    Args:
        required: whether a role of the person needs a second factor.

    Raises:
        Refusal: if the person must have a factor and this is the only one.
        NotFound: if there is none.
    """
    factors = _factors_to_change(session, person)
    if factors.authenticator_since is None:
        raise NotFound
    _refuse_last(factors, required)
    authenticators.remove(session, person)
    _after_removal(session, person, factors)


def remove_passkey(session: Session, person: Person, passkey_id: int, *, required: bool) -> Passkey:
    """Take one of the person's passkeys away, and return it.

    Args:
        required: whether a role of the person needs a second factor.

    Raises:
        Refusal: if the person must have a factor and this is the only one.
        NotFound: if the person has no such passkey.
    """
    factors = _factors_to_change(session, person)
    passkey = next((key for key in factors.passkeys if key.id == passkey_id), None)
    if passkey is None:
        raise NotFound
    _refuse_last(factors, required)
    session.delete(passkey)
    session.flush()
    _after_removal(session, person, factors)
    return passkey


def reset(session: Session, person: Person) -> bool:
    """Take every factor of the person away and end their sessions; say whether there was one.

    They sign in with their password alone then, and set up a new factor if a role needs one.
    """
    had_any = has_factor(session, person.id)
    authenticators.remove(session, person)
    session.execute(sa.delete(Passkey).where(Passkey.person_id == person.id))
    recovery_codes.forget(session, person)
    sessions.end_all(session, person.id, sessions.EndReason.FACTORS_CHANGED)
    return had_any


def _is_right(session: Session, person: Person, typed: str) -> bool:
    code = "".join(typed.split()).replace("-", "")
    if code.isdecimal() and authenticators.use_code(session, person, code):
        return True
    if recovery_codes.use(session, person, typed):
        tell(session, SecurityKind.RECOVERY_CODE_USED, person)
        return True
    return False


def _factors_to_change(session: Session, person: Person) -> Factors:
    """Return what the person has, one change after another: two must not take the last two away."""
    session.execute(sa.select(Person.id).where(Person.id == person.id).with_for_update())
    return factors_of(session, person)


def _refuse_last(factors: Factors, required: bool) -> None:
    if factors.count == 1 and required:
        raise Refusal(
            "Your role needs a second factor, and this is your only one. Add another one first,"
            " then remove this one."
        )


def _after_removal(session: Session, person: Person, before: Factors) -> None:
    if before.count == 1:
        recovery_codes.forget(session, person)
