"""What a sign-in verifies, and what it leaves of the session before it."""

from __future__ import annotations

import pytest

from marketplace.accounts import passwords
from marketplace.accounts.models import Person
from marketplace.accounts.service import authenticate
from marketplace.application import Skillbank
from tests.marketplace.accounts.factories import PASSWORD, PersonFactory
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved


class Spy:
    """A hasher that notes the hashes it verifies."""

    def __init__(self) -> None:
        self.hashes: list[str] = []
        self._hasher = passwords.HASHER

    def verify(self, stored: str, password: str) -> bool:
        """Verify as the real one does."""
        self.hashes.append(stored)
        return self._hasher.verify(stored, password)

    def check_needs_rehash(self, stored: str) -> bool:
        """Say that no hash is old."""
        return False


@pytest.mark.parametrize(
    ("email", "password", "signs_in"),
    [
        ("jo@example.org", PASSWORD, True),
        ("jo@example.org", "a wrong password", False),
        ("off@example.org", PASSWORD, False),
        ("invited@example.org", PASSWORD, False),
        ("unknown@example.org", PASSWORD, False),
        ("", "", False),
    ],
)
def test_every_sign_in_verifies_one_hash_so_that_its_time_tells_nothing(
    app: Skillbank, monkeypatch: pytest.MonkeyPatch, email: str, password: str, signs_in: bool
) -> None:
    with saved(app) as session:
        PersonFactory(email="jo@example.org")
        PersonFactory(email="off@example.org", active=False)
        PersonFactory(email="invited@example.org", password_hash=None)
        spy = Spy()
        monkeypatch.setattr(passwords, "HASHER", spy)
        person = authenticate(session, email, password)
    assert (person is not None) == signs_in
    assert [stored.startswith("$argon2id$") for stored in spy.hashes] == [True]


def test_nothing_of_the_session_before_is_left_after_signing_in(
    jo: Person, browser: Browser
) -> None:
    browser.get("/sign-in")
    with browser.client.session_transaction() as session:
        session["left_by"] = "the person before"
        session["_flashes"] = [("info", "A message for the person before.")]
        token_before = session["csrf_token"]
    browser.submit("Sign in", email=jo.email, password=PASSWORD)
    assert browser.path == "/home"
    assert browser.flashes == []
    with browser.client.session_transaction() as session:
        assert "left_by" not in session
        assert session["csrf_token"] != token_before
