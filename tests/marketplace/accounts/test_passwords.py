"""Passwords: which ones are too easy to guess, and how they are kept."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from marketplace.accounts import passwords
from marketplace.accounts.models import Person
from marketplace.accounts.passwords import HASHER, hash_password, is_right, refuse_guessable
from marketplace.accounts.service import authenticate
from marketplace.application import Skillbank
from marketplace.demo.accounts import PASSWORD as DEMO_PASSWORD
from marketplace.errors import Refusal
from tests.marketplace.accounts.factories import PASSWORD, PersonFactory
from tests.marketplace.factories import saved

JO = ("Jo Bloggs", "jo.bloggs@hope.example.org", "Hope Valley Primary School")
OWN = "mostly made of your name, your e-mail address, your school or “Skillbank”"
COMMON = "people choose most often"


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("123456789012", COMMON),
        ("password1234", COMMON),
        ("passwordpass", COMMON),
        ("Qwertyuiop123", COMMON),
        ("letmein123456", COMMON),
        ("aaaaaaaaaaaa", "repeats the same characters"),
        (" " * 12, "repeats the same characters"),
        ("x" * 256, "repeats the same characters"),
        ("abcdefghijklmnop", "follows the alphabet"),
        ("zxcvbnm,./asd", "follows the keys"),
        ("jo.bloggs@hope.example.org", OWN),
        ("skillbank skillbank", OWN),
        ("HopeValleyPrimary", OWN),
        ("Jo Bloggs Hope Valley!", OWN),
    ],
)
def test_what_others_would_try_first_is_refused_in_plain_words(password: str, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        refuse_guessable(password, JO)
    assert reason in refused.value.message
    assert "Three or four words that do not belong together" in refused.value.message
    assert refused.value.field == "new_password"


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "three quiet rivers",
        "skillbank river quartz lamp",
        "vD9#kq2!mZ7p",
        "a quiet evening in Leeds",
        "four quiet green lamps" * 11,
        "четыре тихие лампы",
    ],
)
def test_what_is_hard_to_guess_is_taken(password: str) -> None:
    refuse_guessable(password, JO)


@pytest.mark.parametrize("length", [11, 257])
def test_a_password_has_from_12_to_256_characters(length: int) -> None:
    with pytest.raises(Refusal, match=r"at (least 12|most 256) characters"):
        hash_password("q" * length)
    for fitting in (12, 256):
        assert is_right(hash_password("q" * fitting), "q" * fitting)


def test_every_character_counts() -> None:
    long = "q" * 255
    assert not is_right(hash_password(long + "a"), long + "b")
    assert not is_right(hash_password("with a space "), "with a space")


def test_hashes_are_argon2id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HASHER", HASHER)
    assert hash_password(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_no_password_is_right_where_there_is_none() -> None:
    for password in ("", "nobody has this password"):
        assert not is_right(None, password)
        assert not is_right("", password)
        assert not is_right("nonsense", password)


@pytest.mark.parametrize("lengths", [{}, {"hash_len": 20, "salt_len": 9}])
def test_where_there_is_none_a_whole_hash_is_checked_all_the_same(lengths: dict[str, int]) -> None:
    """A hash that was not one would be refused at once, which would tell who has an account."""
    hasher = PasswordHasher(time_cost=2, memory_cost=16, parallelism=2, **lengths)
    nobodys = passwords.hash_of_nobody(hasher)
    assert not hasher.check_needs_rehash(nobodys)
    with pytest.raises(VerifyMismatchError):
        hasher.verify(nobodys, "")


def test_a_hash_with_former_parameters_is_made_anew_at_the_next_sign_in(app: Skillbank) -> None:
    old = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    with saved(app) as session:
        jo: Person = PersonFactory(email="jo@example.org", password_hash=old)
        assert authenticate(session, "jo@example.org", "wrong password") is None
        assert jo.password_hash == old
        assert authenticate(session, "jo@example.org", PASSWORD) is jo
        assert jo.password_hash is not None
        assert not passwords.HASHER.check_needs_rehash(jo.password_hash)
        new = jo.password_hash
        assert authenticate(session, "jo@example.org", PASSWORD) is jo
        assert jo.password_hash == new


def test_the_demos_published_password_works_for_the_demo_only() -> None:
    assert is_right(hash_password(DEMO_PASSWORD), DEMO_PASSWORD)
    with pytest.raises(Refusal):
        refuse_guessable(DEMO_PASSWORD, JO)
