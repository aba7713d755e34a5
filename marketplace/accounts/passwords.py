"""Passwords: how they are kept, and which ones are too easy to guess."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from marketplace.errors import Refusal

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
SCORE_NEEDED = 3
"""Of zxcvbn's 0 to 4: more than 10^8 guesses for who knows how people choose passwords."""

HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4, hash_len=32, salt_len=16)
"""Argon2id; memory in KiB. Change it here: each password is hashed anew at its next sign-in."""


def hash_of_nobody(hasher: PasswordHasher) -> str:
    """Return what takes ``hasher`` as long to check as a hash of its own, and is of no password.

    It is all zeros: nobody knows a password for that, and no process hashes one when it starts.
    """
    salt, digest = (
        b64encode(bytes(length)).decode().rstrip("=")
        for length in (hasher.salt_len, hasher.hash_len)
    )
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"


# Checked for an unknown address, so that it takes as long as a wrong password.
_NOBODYS_HASH = hash_of_nobody(HASHER)

_EVERYBODYS_WORDS = ("skillbank", "school", "primary", "academy", "college", "password")
_SHORTEST_WORD = 3
_MEASURED = 72
"""So many characters are measured: zxcvbn takes no more, and they are enough to tell."""

_WAY_OUT = "Three or four words that do not belong together are easy to remember and hard to guess."
_REASONS = {
    "repeat": "This password repeats the same characters.",
    "sequence": "This password follows the alphabet or counts.",
    "spatial": "This password follows the keys of the keyboard.",
    "date": "This password is mostly a date.",
    "dictionary": "This password is one of those that people choose most often, or much like one.",
}


def hash_password(password: str) -> str:
    """Return the argon2id hash to store.

    Raises:
        Refusal: if the password is too short or absurdly long.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise Refusal(
            f"The password must have at least {SHORTEST_PASSWORD} characters.",
            field="new_password",
        )
    if len(password) > LONGEST_PASSWORD:
        raise Refusal(
            f"The password must have at most {LONGEST_PASSWORD} characters.", field="new_password"
        )
    return HASHER.hash(password)


def is_right(stored: str | None, password: str) -> bool:
    """Say whether ``password`` is the one that ``stored`` is the hash of.

    Without a hash (an unknown address, an account without a password) it costs the same work and
    is false, so that neither the answer nor its time tells who has an account.
    """
    try:
        HASHER.verify(stored or _NOBODYS_HASH, password[: LONGEST_PASSWORD + 1])
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)


def hash_is_old(stored: str) -> bool:
    """Say whether the hash was made with other parameters than today's."""
    return HASHER.check_needs_rehash(stored)


def refuse_guessable(password: str, context: Iterable[str]) -> None:
    """Refuse a password that is easy to guess.

    Args:
        context: texts with words that a guesser would try first: the person's name and e-mail
            address, their school.

    Raises:
        Refusal: saying what is wrong with it, and what is better.
    """
    words = _words(context)
    rest = _without(password[:_MEASURED], words)
    score, patterns = _measure(rest)
    if score >= SCORE_NEEDED:
        return
    if rest != password[:_MEASURED]:
        whole_score, _ = _measure(password[:_MEASURED])
        if whole_score >= SCORE_NEEDED or not rest.strip():
            raise _refusal(
                "This password is mostly made of your name, your e-mail address, your school or"
                " “Skillbank”, which others would try first."
            )
    raise _refusal(
        next(
            (_REASONS[pattern] for pattern in patterns if pattern in _REASONS),
            "This password is too easy to guess.",
        )
    )


def _refusal(reason: str) -> Refusal:
    return Refusal(f"{reason} {_WAY_OUT}", field="new_password")


def _measure(text: str) -> tuple[int, list[str]]:
    """The score of a text, and the patterns in it, the longest first."""
    result = zxcvbn(text.strip() or text or " ")
    parts = sorted(result["sequence"], key=lambda part: len(part["token"]), reverse=True)
    return int(result["score"]), [part["pattern"] for part in parts]


def _words(texts: Iterable[str]) -> list[str]:
    """The words of ``texts`` and the texts themselves in lower case, the longest first."""
    words = set(_EVERYBODYS_WORDS)
    for text in texts:
        lower = text.casefold()
        words |= {lower, *re.split(r"[\W_]+", lower)}
    return sorted((word for word in words if len(word) >= _SHORTEST_WORD), key=len, reverse=True)


def _without(password: str, words: list[str]) -> str:
    """``password`` without ``words``, in whichever case; a space stays where a word was."""
    pattern = "|".join(re.escape(word) for word in words)
    return re.sub(pattern, " ", password, flags=re.IGNORECASE)
