"""Challenges for passkeys: for one purpose, person and browser, once, for five minutes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import session as browser_session
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.second_factors import challenges
from marketplace.accounts.second_factors.challenges import (
    Purpose,
    make_challenge,
    read_challenge,
    use_challenge,
)
from marketplace.accounts.second_factors.models import UsedChallenge
from marketplace.application import Skillbank
from marketplace.database import db


@pytest.fixture
def session(app: Skillbank) -> Iterator[Session]:
    """The database of a request that may write."""
    with app.test_request_context(method="POST"):
        yield db.session()
        db.session.rollback()


def test_a_challenge_is_read_back_for_its_purpose_and_person(session: Session) -> None:
    value, signed = make_challenge(Purpose.ADD, 7, "handle")
    challenge = read_challenge(session, Purpose.ADD, 7, signed)
    assert challenge is not None
    assert (challenge.value, challenge.user_handle) == (value, "handle")
    assert len(value) == 32
    assert read_challenge(session, Purpose.ADD, 8, signed) is None
    assert read_challenge(session, Purpose.ADD, None, signed) is None
    assert read_challenge(session, Purpose.CONFIRM, 7, signed) is None
    assert read_challenge(session, Purpose.ADD, 7, signed + "x") is None
    assert read_challenge(session, Purpose.ADD, 7, "") is None


def test_a_challenge_works_once(session: Session) -> None:
    _, signed = make_challenge(Purpose.SIGN_IN, None)
    _, other = make_challenge(Purpose.SIGN_IN, None)
    challenge = read_challenge(session, Purpose.SIGN_IN, None, signed)
    assert challenge is not None
    use_challenge(session, challenge)
    assert read_challenge(session, Purpose.SIGN_IN, None, signed) is None
    assert read_challenge(session, Purpose.SIGN_IN, None, other) is not None


def test_a_challenge_is_of_one_browser(session: Session) -> None:
    _, signed = make_challenge(Purpose.SIGN_IN, None)
    browser_session[challenges.BROWSER] = "another browser"
    assert read_challenge(session, Purpose.SIGN_IN, None, signed) is None
    browser_session.clear()
    assert read_challenge(session, Purpose.SIGN_IN, None, signed) is None


def test_a_challenge_is_good_for_five_minutes(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, signed = make_challenge(Purpose.SIGN_IN, None)
    made = clock.now().timestamp()
    monkeypatch.setattr("time.time", lambda: made + 295)
    assert read_challenge(session, Purpose.SIGN_IN, None, signed) is not None
    monkeypatch.setattr("time.time", lambda: made + 305)
    assert read_challenge(session, Purpose.SIGN_IN, None, signed) is None


def test_used_challenges_are_forgotten_once_they_would_have_expired(session: Session) -> None:
    now = clock.now()
    for minutes in (4, 11):
        used_at = now - timedelta(minutes=minutes)
        session.add(UsedChallenge(challenge_hash=f"{minutes} minutes", used_at=used_at))
    session.flush()
    _, signed = make_challenge(Purpose.SIGN_IN, None)
    challenge = read_challenge(session, Purpose.SIGN_IN, None, signed)
    assert challenge is not None
    use_challenge(session, challenge)
    assert session.get(UsedChallenge, "4 minutes", populate_existing=True) is not None
    assert session.get(UsedChallenge, "11 minutes", populate_existing=True) is None
