"""The pages on which a person sets up, replaces and removes their own second factors."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import Person, SecurityEvent
from marketplace.accounts.roles import Role
from marketplace.accounts.second_factors.models import Passkey
from marketplace.application import Skillbank
from marketplace.clock import now
from marketplace.database import db
from marketplace.mail.models import Email
from tests.marketplace.accounts.factories import PersonFactory, staff
from tests.marketplace.accounts.second_factors.factories import (
    code_of,
    with_authenticator,
    with_recovery_codes,
)
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

PATH = "/account/second-factor"


def kinds(app: Skillbank) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(SecurityEvent.kind).order_by(SecurityEvent.id)))


def subjects(app: Skillbank) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Email.subject).order_by(Email.id)))


def secret_on(browser: Browser) -> str:
    return browser.page.select_one(".secret").get_text().replace(" ", "").strip()


def codes_on(browser: Browser) -> list[str]:
    return [item.get_text(strip=True) for item in browser.page.select(".recovery-codes li")]


def with_passkey(person: Person, name: str = "Blue key") -> int:
    """A row of a passkey; only a browser makes one that works."""
    passkey = Passkey(
        person_id=person.id,
        credential_id=f"credential-{person.id}-{len(name)}",
        user_handle="aGFuZGxl",
        public_key=b"key",
        sign_count=0,
        name=name,
        created_at=now(),
    )
    db.session.add(passkey)
    db.session.flush()
    return passkey.id


def test_an_app_is_set_up_by_its_first_code_and_codes_come_with_it(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    browser.be(jo).get(PATH).get("/account/authenticator")
    assert browser.page.select_one("img.qr-code")["src"].startswith("data:image/svg+xml")
    secret = secret_on(browser)
    browser.submit("Set it up", code="123")
    assert browser.status == 422
    assert secret_on(browser) == secret
    browser.submit("Set it up", code=code_of(secret))
    assert (browser.status, browser.heading) == (200, "Your recovery codes")
    codes = codes_on(browser)
    assert len(codes) == 10
    assert all(re.fullmatch(r"\w{4}-\w{4}-\w{4}", code) for code in codes)
    assert kinds(app) == ["authenticator_added"]
    assert subjects(app) == ["An authenticator app was set up for your account"]
    assert "10 left" in browser.get(PATH).text
    assert codes_on(browser.get("/account/recovery-codes")) == []
    other = Browser(app.test_client()).sign_in(jo).submit("Go on", code=codes[0])
    assert other.path == "/home"


def test_a_first_factor_ends_the_sessions_elsewhere(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    elsewhere = Browser(app.test_client()).be(jo)
    secret = secret_on(browser.be(jo).get("/account/authenticator"))
    browser.submit("Set it up", code=code_of(secret))
    assert browser.get("/home").path == "/home"
    assert elsewhere.get("/home").path.startswith("/sign-in")


def test_a_secret_of_another_person_is_not_taken(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    with saved(app):
        attacker = PersonFactory()
    theirs = Browser(app.test_client()).be(attacker).get("/account/authenticator")
    secret = secret_on(theirs)
    browser.be(jo).get("/account/authenticator").submit(
        "Set it up",
        code=code_of(secret),
        sealed_secret=theirs.values("Set it up")["sealed_secret"][0],
    )
    assert browser.status == 422
    assert secret_on(browser) != secret
    assert kinds(app) == []


def test_a_new_phone_takes_the_place_of_the_old_one(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    with saved(app):
        with_authenticator(jo)
        with_recovery_codes(jo)
    browser.be(jo).get("/account/authenticator")
    assert "The one that you set up here takes its place" in browser.text
    browser.submit("Set it up", code=code_of(secret_on(browser)))
    assert (browser.path, browser.flashes) == (PATH, ["The authenticator app is set up."])
    assert "10 left" in browser.text


def test_recovery_codes_are_made_anew(app: Skillbank, jo: Person, browser: Browser) -> None:
    with saved(app):
        with_authenticator(jo)
        old = with_recovery_codes(jo)[0]
    browser.be(jo).get("/account/recovery-codes").submit("Make new codes")
    new = codes_on(browser)
    assert len(new) == 10
    assert kinds(app) == ["recovery_codes_made"]
    assert subjects(app) == ["New recovery codes were made for your account"]
    assert Browser(app.test_client()).sign_in(jo).submit("Go on", code=old).status == 422
    assert Browser(app.test_client()).sign_in(jo).submit("Go on", code=new[9]).path == "/home"


def test_without_a_factor_there_are_no_recovery_codes(jo: Person, browser: Browser) -> None:
    browser.be(jo).get("/account/recovery-codes")
    assert "You have no second factor yet" in browser.text
    assert "Make new codes" not in browser.buttons


def test_the_app_and_its_codes_are_removed(app: Skillbank, jo: Person, browser: Browser) -> None:
    with saved(app):
        with_authenticator(jo)
        with_recovery_codes(jo)
    browser.be(jo).get(PATH).submit("Remove the app")
    assert browser.flashes == ["The authenticator app has been removed."]
    assert kinds(app) == ["authenticator_removed"]
    assert subjects(app) == ["The authenticator app was removed from your account"]
    assert Browser(app.test_client()).sign_in(jo).path == "/home"
    with app.app_context():
        assert db.session.scalar(sa.text("SELECT count(*) FROM recovery_code")) == 0


@pytest.mark.parametrize("has_another", [False, True])
def test_the_only_factor_of_a_strict_role_stays(
    app: Skillbank, browser: Browser, has_another: bool
) -> None:
    with saved(app):
        bursar = staff(joined_school(), Role.FINANCE)
        with_authenticator(bursar)
        if has_another:
            with_passkey(bursar)
    browser.be(bursar).get(PATH).submit("Remove the app")
    assert browser.status == (200 if has_another else 422)
    assert ("this is your only one" in browser.text) == (not has_another)
    assert kinds(app) == (["authenticator_removed"] if has_another else [])


def test_a_passkey_is_removed_by_its_person_only(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    with saved(app):
        other = PersonFactory()
        mine, theirs = with_passkey(jo), with_passkey(other)
        with_passkey(jo, "Telephone")
    values = browser.be(jo).get("/account/passkeys").values("Remove", near="Blue key")
    browser.post("/account/passkeys/remove", values | {"passkey": [str(theirs)]})
    assert browser.status == 404
    for nonsense in ("", "x", "-1", "²", "9" * 30):
        browser.post("/account/passkeys/remove", values | {"passkey": [nonsense]})
        assert browser.status == 404
    browser.post("/account/passkeys/remove", values | {"passkey": [str(mine)]})
    assert browser.flashes == ["The passkey “Blue key” has been removed."]
    assert kinds(app) == ["passkey_removed"]
    assert subjects(app) == ["A passkey was removed from your account"]


@pytest.mark.parametrize("answer", ["", "{}", "[]", "nonsense", '{"id": 5}', '{"id": "\\ud800"}'])
def test_what_no_passkey_answers_is_refused(
    app: Skillbank, jo: Person, browser: Browser, answer: str
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with saved(app):
        with_passkey(jo)
    body = {"credential": [answer], "challenge": ["x"], "name": ["Key"]}
    assert browser.get("/sign-in").post("/sign-in/passkey", body).status == 422
    browser.sign_in(jo).post("/sign-in/second-step/passkey", body)
    assert browser.status == 422
    browser.be(jo)
    for path in ("/account/passkeys", "/confirm-it-is-you/passkey"):
        assert browser.post(path, body).status == 422
        assert browser.errors
