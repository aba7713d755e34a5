"""The second step of a sign-in: what it asks for, what it carries on, and what it does not open."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa

from marketplace import clock
from marketplace.accounts import one_time_links
from marketplace.accounts.models import Person, SecurityEvent, SignIn
from marketplace.accounts.one_time_links import Purpose
from marketplace.accounts.second_factors import half_way
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.mail.models import Email
from marketplace.web.addresses import site_link
from tests.marketplace.accounts.factories import PASSWORD
from tests.marketplace.accounts.second_factors.factories import (
    code_of,
    with_authenticator,
    with_recovery_codes,
)
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.outbox.bells import SetClock


@pytest.fixture
def secret(app: Skillbank, jo: Person) -> str:
    """The secret of Jo's app."""
    with saved(app):
        return with_authenticator(jo)


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """A clock that stands still: waits are exact."""
    hands = SetClock()
    monkeypatch.setattr(clock, "now", hands.now)
    return hands


def sign_ins(app: Skillbank) -> list[SignIn]:
    with app.app_context():
        return list(db.session.scalars(sa.select(SignIn).order_by(SignIn.id)))


def kinds(app: Skillbank) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(SecurityEvent.kind).order_by(SecurityEvent.id)))


def subjects(app: Skillbank) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Email.subject).order_by(Email.id)))


def test_the_password_alone_opens_nothing(
    app: Skillbank, jo: Person, browser: Browser, secret: str
) -> None:
    browser.sign_in(jo)
    assert (browser.path, browser.heading) == ("/sign-in/second-step", "One more step")
    assert sign_ins(app) == []
    assert browser.get("/home").path.startswith("/sign-in?")
    assert browser.get("/account/second-factor").path.startswith("/sign-in?")
    assert browser.get("/confirm-it-is-you").path.startswith("/sign-in?")


def test_a_code_of_the_app_signs_in(
    app: Skillbank, jo: Person, browser: Browser, secret: str
) -> None:
    browser.sign_in(jo).submit("Go on", code=code_of(secret))
    assert browser.path == "/home"
    [row] = sign_ins(app)
    assert row.second_factor_at is not None
    assert kinds(app) == ["signed_in"]


def test_the_digits_may_be_typed_in_two_groups(jo: Person, browser: Browser, secret: str) -> None:
    code = code_of(secret)
    browser.sign_in(jo).submit("Go on", code=f" {code[:3]} {code[3:]} ")
    assert browser.path == "/home"


def test_a_code_signs_in_once(app: Skillbank, jo: Person, browser: Browser, secret: str) -> None:
    code = code_of(secret)
    browser.sign_in(jo).submit("Go on", code=code)
    other = Browser(app.test_client()).sign_in(jo).submit("Go on", code=code)
    assert other.status == 422
    assert other.errors == [
        "This code is wrong, or it has been used. Wait for the app to show a new one."
    ]
    assert kinds(app) == ["signed_in", "second_factor_failed"]


def test_a_recovery_code_signs_in_once_and_the_person_is_told(
    app: Skillbank, jo: Person, browser: Browser, secret: str
) -> None:
    with saved(app):
        code = with_recovery_codes(jo)[3]
    browser.sign_in(jo).submit("Go on", code=code.upper())
    assert browser.path == "/home"
    assert kinds(app) == ["recovery_code_used", "signed_in"]
    assert subjects(app) == ["A recovery code was used to sign in to your account"]
    other = Browser(app.test_client()).sign_in(jo).submit("Go on", code=code)
    assert other.status == 422


def test_the_page_that_was_asked_for_comes_after_both_steps(
    jo: Person, browser: Browser, secret: str
) -> None:
    browser.get("/search?q=phonics&kind=offer")
    browser.submit("Sign in", email=jo.email, password=PASSWORD)
    browser.submit("Go on", code="wrong").submit("Go on", code=code_of(secret))
    assert browser.path == "/search?q=phonics&kind=offer"


def test_nobody_is_sent_to_another_site_by_the_second_step(
    jo: Person, browser: Browser, secret: str
) -> None:
    browser.sign_in(jo)
    browser.get("/sign-in/second-step?next=https://elsewhere.example/")
    browser.submit("Go on", code=code_of(secret))
    assert browser.path == "/home"


def test_a_form_that_was_interrupted_survives_both_steps(
    jo: Person, browser: Browser, secret: str
) -> None:
    browser.be(jo).get("/listings/new")
    browser.end_session()
    browser.submit("Post it", title="Kept title")
    browser.submit("Sign in", email=jo.email, password=PASSWORD)
    browser.submit("Go on", code="wrong").submit("Go on", code=code_of(secret))
    assert "Nothing has been sent yet" in browser.text
    browser.submit("Carry on")
    assert browser.values("Post it")["title"] == ["Kept title"]


def test_half_way_is_over_after_ten_minutes(
    jo: Person, browser: Browser, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.sign_in(jo)
    monkeypatch.setattr(half_way, "LONGEST_SECONDS", -1)
    browser.submit("Go on", code=code_of(secret))
    assert browser.path == "/sign-in"


def test_half_way_ends_with_a_new_password_and_an_account_that_is_switched_off(
    app: Skillbank, jo: Person, browser: Browser, secret: str
) -> None:
    browser.sign_in(jo)
    with saved(app) as session:
        session.get_one(Person, jo.id).active = False
    browser.submit("Go on", code=code_of(secret))
    assert browser.path == "/sign-in"
    with saved(app) as session:
        person = session.get_one(Person, jo.id)
        person.active, person.password_hash = True, "another hash"
    assert browser.get("/sign-in/second-step").path == "/sign-in"


def test_half_way_is_of_one_browser(
    app: Skillbank, jo: Person, browser: Browser, secret: str
) -> None:
    values = browser.sign_in(jo).values("Go on") | {"code": [code_of(secret)]}
    other = Browser(app.test_client()).get("/sign-in")
    other.post("/sign-in/second-step", values)
    assert sign_ins(app) == []


def test_signing_in_anew_ends_the_session_before(
    app: Skillbank, jo: Person, browser: Browser, secret: str
) -> None:
    browser.get("/sign-in")
    values = browser.values("Sign in") | {"email": [jo.email], "password": [PASSWORD]}
    browser.sign_in(jo).submit("Go on", code=code_of(secret))
    browser.get("/home")
    values["csrf_token"] = browser.values("Sign out")["csrf_token"]
    browser.post("/sign-in", values)
    assert browser.path == "/sign-in/second-step"
    assert [row.end_reason for row in sign_ins(app)] == ["replaced"]


def test_a_link_to_a_new_password_does_not_get_by_the_second_factor(
    app: Skillbank, jo: Person, browser: Browser, secret: str
) -> None:
    with saved(app) as session:
        token = one_time_links.make(session, Purpose.PASSWORD_RESET, jo.id)
        link = site_link("accounts.use_link", token=token)
    browser.get(link).submit(
        "Set the password", new_password="three quiet rivers", repeat_password="three quiet rivers"
    )
    assert browser.path == "/sign-in/second-step"
    assert sign_ins(app) == []
    browser.submit("Go on", code=code_of(secret))
    assert browser.path == "/home"


def guesses(browser: Browser, number: int) -> list[int]:
    """Guess a code so many times; what each guess was answered."""
    return [browser.submit("Go on", code=f"guess {one}").status for one in range(number)]


def elsewhere(app: Skillbank, jo: Person, address: str = "203.0.113.7") -> Browser:
    """A browser that nobody knows, of a person who knows Jo's password."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return Browser(client).sign_in(jo)


def test_wrong_codes_make_the_next_one_wait(
    hands: SetClock, app: Skillbank, jo: Person, secret: str
) -> None:
    browser = elsewhere(app, jo)
    assert guesses(browser, 5) == [422] * 5
    browser.submit("Go on", code=code_of(secret))
    assert (browser.status, browser.answer.headers["Retry-After"]) == (429, "1")
    assert browser.errors[0].startswith("Too many wrong tries have been made here. Try again in")
    assert sign_ins(app) == []
    hands.move(seconds=2)
    assert guesses(browser, 2) == [422, 429]
    hands.move(seconds=1)
    assert guesses(browser, 1) == [429]
    hands.move(seconds=2)
    browser.submit("Go on", code=code_of(secret))
    assert browser.path == "/home"


def test_who_guesses_elsewhere_keeps_nobody_out_of_their_own_browser(
    hands: SetClock, app: Skillbank, jo: Person, browser: Browser, secret: str
) -> None:
    browser.sign_in(jo).submit("Go on", code=code_of(secret)).get("/home").submit("Sign out")
    for number in range(3):
        guesses(elsewhere(app, jo, f"203.0.113.{number}"), 5)
    hands.move(seconds=30)
    assert guesses(elsewhere(app, jo, "203.0.113.9"), 1) == [422]
    stranger = elsewhere(app, jo, "203.0.113.10").submit("Go on", code=code_of(secret))
    assert stranger.status == 429
    browser.sign_in(jo).submit("Go on", code=code_of(secret))
    assert browser.path == "/home"


def test_the_operator_unlocks_who_has_tried_too_many_codes(
    hands: SetClock, app: Skillbank, jo: Person, secret: str
) -> None:
    browser = elsewhere(app, jo)
    assert guesses(browser, 6)[-1] == 429
    result = app.test_cli_runner().invoke(args=["people", "unlock", jo.email])
    assert result.output == f"{jo.name} can try again at once.\n"
    browser.submit("Go on", code=code_of(secret))
    assert browser.path == "/home"


def test_no_more_codes_are_looked_at_when_they_come_at_once(
    app: Skillbank, jo: Person, secret: str
) -> None:
    pages = [elsewhere(app, jo) for _ in range(8)]
    values = [page.values("Go on") | {"code": ["a guess"]} for page in pages]
    barrier = Barrier(len(pages))

    def press(number: int) -> int:
        barrier.wait()
        return pages[number].client.post("/sign-in/second-step", data=values[number]).status_code

    with ThreadPoolExecutor(len(pages)) as pool:
        statuses = list(pool.map(press, range(len(pages))))
    assert sorted(statuses) == [422] * 5 + [429] * 3


@pytest.mark.parametrize("code", ["", " ", "a\0b", "🎓", "١٢٣٤٥٦", "x" * 300, "-" * 12])
def test_what_is_not_a_code_is_told(jo: Person, browser: Browser, secret: str, code: str) -> None:
    browser.sign_in(jo).submit("Go on", code=code)
    assert browser.status == 422
    assert browser.errors
