"""Recovery codes: ten for each person with a factor, each of which replaces it once."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from argon2.low_level import Type, hash_secret_raw
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.models import Person
from marketplace.accounts.second_factors.models import RecoveryCode

COUNT = 10
LETTERS = 12
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Without i, l, o and u, which are misread (as Crockford wrote them): five bits a letter."""

MISREAD = str.maketrans({"o": "0", "i": "1", "l": "1"})


def make(session: Session, person: Person) -> list[str]:
    """Make new codes for the person and return them, to be shown once; former ones end."""
    forget(session, person)
    salt = secrets.token_bytes(16)
    codes = [
        "".join(secrets.choice(ALPHABET) for _letter in range(LETTERS)) for _code in range(COUNT)
    ]
    now = clock.now()
    session.add_all(
        RecoveryCode(
            person_id=person.id, salt=salt.hex(), code_hash=_hashed(code, salt), created_at=now
        )
        for code in codes
    )
    session.flush()
    return [grouped(code) for code in codes]


def grouped(code: str) -> str:
    """Return the code in groups of four letters, to be read."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def normalise(typed: str) -> str | None:
    """Return the code that a person has typed, or ``None`` if it cannot be one.

    Capitals, spaces and hyphens do not matter, and letters that are misread are put right.
    """
    code = "".join(typed.split()).replace("-", "").lower().translate(MISREAD)
    return code if len(code) == LETTERS and set(code) <= set(ALPHABET) else None


def use(session: Session, person: Person, typed: str) -> bool:
    """Say whether ``typed`` is one of the person's codes; it is used up by that."""
    code = normalise(typed)
    salt = session.scalar(
        sa.select(RecoveryCode.salt).where(RecoveryCode.person_id == person.id).limit(1)
    )
    if code is None or salt is None:
        return False
    result = session.execute(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person.id,
            RecoveryCode.code_hash == _hashed(code, bytes.fromhex(salt)),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )
    assert isinstance(result, sa.CursorResult)
    return result.rowcount == 1


def left(session: Session, person: Person) -> int:
    """Return how many codes the person can still use."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(RecoveryCode)
            .where(RecoveryCode.person_id == person.id, RecoveryCode.used_at.is_(None))
        )
        or 0
    )


def forget(session: Session, person: Person) -> None:
    """End all codes of the person."""
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == person.id))


def _hashed(code: str, salt: bytes) -> str:
    """Hash slowly: a code has 60 bits, too few for a hash that a thief can compute quickly."""
    return hash_secret_raw(
        code.encode(),
        salt,
        time_cost=2,
        memory_cost=19 * 1024,
        parallelism=1,
        hash_len=32,
        type=Type.ID,
    ).hex()
