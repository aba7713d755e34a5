"""Codes of authenticator apps: which are right, that one works once, and where the secret is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from marketplace import clock
from marketplace.accounts.models import Person
from marketplace.accounts.second_factors import authenticators
from marketplace.accounts.second_factors.authenticators import matching_step
from marketplace.accounts.second_factors.encryption import reseal, seal, unseal
from marketplace.accounts.second_factors.models import Authenticator
from marketplace.application import Skillbank
from tests.marketplace.accounts.second_factors.factories import code_of, with_authenticator
from tests.marketplace.factories import saved

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The secret of the examples in RFC 6238."""
NOON = datetime(2026, 11, 26, 12, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def code_at(instant: datetime) -> str:
    return pyotp.TOTP(SECRET).at(instant)


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")]
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert matching_step(SECRET, code, datetime.fromtimestamp(seconds, UTC)) == seconds // 30


@pytest.mark.parametrize(
    ("ahead", "right"),
    [
        (timedelta(0), True),
        (29 * SECOND, True),  # the present code, to its last second
        (30 * SECOND, False),
        (-SECOND, True),
        (-30 * SECOND, True),  # the code before, from its first second
        (-31 * SECOND, False),
    ],
)
def test_a_code_may_change_while_it_is_typed(ahead: timedelta, right: bool) -> None:
    assert (matching_step(SECRET, code_at(NOON + ahead), NOON) is not None) == right


@given(st.integers(0, 4_000_000_000), st.integers(-200, 200))
def test_a_code_is_right_for_a_minute_and_no_more(seconds: int, drift: int) -> None:
    at = datetime.fromtimestamp(seconds + 6_000, UTC)
    step = (seconds + 6_000) // 30 + drift
    match = matching_step(SECRET, pyotp.TOTP(SECRET).generate_otp(step), at)
    if drift in (-1, 0):
        assert match is not None
        assert match - step in (-1, 0, 1)
    elif match is not None:  # two codes of six digits may be the same
        assert pyotp.TOTP(SECRET).generate_otp(match) == pyotp.TOTP(SECRET).generate_otp(step)


@given(st.text(max_size=40))
def test_whatever_else_is_typed_is_not_a_code(typed: str) -> None:
    codes = {code_at(NOON + step * 30 * SECOND) for step in (-1, 0)}
    assert (matching_step(SECRET, typed, NOON) is not None) == (typed in codes)


def test_a_code_works_once_and_no_earlier_one_after_it(app: Skillbank, jo: Person) -> None:
    with saved(app) as session:
        secret = with_authenticator(jo)
        present, before = code_of(secret), code_of(secret, steps=-1)
        assert authenticators.use_code(session, jo, present)
        assert not authenticators.use_code(session, jo, present)
        assert not authenticators.use_code(session, jo, before)


def test_the_code_that_sets_an_app_up_is_used_by_that(app: Skillbank, jo: Person) -> None:
    with saved(app) as session:
        secret = pyotp.random_base32()
        assert not authenticators.add(session, jo, secret, "000000")
        assert session.get(Authenticator, jo.id) is None
        code = code_of(secret)
        assert authenticators.add(session, jo, secret, code)
        assert not authenticators.use_code(session, jo, code)


def test_another_phone_takes_the_place_of_the_first(app: Skillbank, jo: Person) -> None:
    with saved(app) as session:
        first = with_authenticator(jo)
        second = with_authenticator(jo)
        assert not authenticators.use_code(session, jo, code_of(first))
        assert authenticators.use_code(session, jo, code_of(second))


def test_the_table_does_not_show_the_secret(app: Skillbank, jo: Person) -> None:
    with saved(app) as session:
        secret = with_authenticator(jo)
        rows = session.execute(sa.text("SELECT * FROM authenticator")).all()
    assert len(rows) == 1
    assert secret not in repr(rows)


def test_a_secret_is_opened_for_its_own_person_only(app: Skillbank) -> None:
    with app.app_context():
        sealed = seal(1, SECRET)
        assert unseal(1, sealed) == SECRET
        assert unseal(2, sealed) is None
        assert unseal(1, sealed[:-4] + "AAA=") is None
        assert unseal(1, "") is None
        assert unseal(1, "¤") is None


def test_a_secret_outlives_its_key_and_is_encrypted_anew(app: Skillbank) -> None:
    with app.app_context():
        sealed = seal(1, SECRET)
        app.config.update(SECRET_KEY="another key", SECRET_KEY_FALLBACKS=[])
        assert unseal(1, sealed) is None
        assert reseal(sealed) is None
        app.config.update(SECRET_KEY_FALLBACKS=["for tests only"])
        assert unseal(1, sealed) == SECRET
        anew = reseal(sealed)
        assert anew is not None
        app.config.update(SECRET_KEY_FALLBACKS=[])
        assert unseal(1, anew) == SECRET


def test_a_picture_for_the_app_is_data_and_holds_the_secret(app: Skillbank, jo: Person) -> None:
    with app.app_context():
        one = authenticators.qr_code(jo, SECRET)
        other = authenticators.qr_code(jo, pyotp.random_base32())
    assert one.startswith("data:image/svg+xml")
    assert '"' not in one
    assert one != other


def test_the_page_that_sets_up_is_good_for_an_hour(
    app: Skillbank, jo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        sealed = authenticators.new_secret(jo)
        assert authenticators.secret_of_form(jo, sealed) is not None
        later = clock.now().timestamp() + authenticators.SET_UP_SECONDS + 2
        monkeypatch.setattr("time.time", lambda: later)
        assert authenticators.secret_of_form(jo, sealed) is None
