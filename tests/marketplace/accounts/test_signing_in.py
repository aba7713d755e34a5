"""Signing in and out."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from marketplace.accounts import one_time_links
from marketplace.accounts.models import Person
from marketplace.accounts.one_time_links import Purpose
from marketplace.application import Skillbank
from marketplace.schools.models import School
from marketplace.web.addresses import site_link
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved


def test_the_right_password_opens_the_start_page(jo: Person, browser: Browser) -> None:
    browser.sign_in(jo)
    assert (browser.status, browser.path) == (200, "/home")
    assert browser.heading == "Hope Primary"
    assert "Jo Bloggs" in browser.text


@pytest.mark.parametrize(
    ("email", "password", "message"),
    [
        ("jo@example.org", "wrong password", "The e-mail address or the password is wrong."),
        ("", "", "Write your e-mail address."),
        ("a\0b@example.org", "x", "delete what cannot be shown (U+0000)"),
        ("🎓", "🎓", "The e-mail address or the password is wrong."),
        ("x" * 300, "x", "254 characters"),
    ],
)
def test_what_does_not_sign_in(browser: Browser, email: str, password: str, message: str) -> None:
    browser.get("/sign-in").submit("Sign in", email=email, password=password)
    assert browser.status == 422
    assert message in " ".join(browser.errors)
    assert browser.values("Sign in")["password"] == [""]
    assert "\0" in email or browser.values("Sign in")["email"] == [email]


def test_somebody_signed_out_comes_back_to_the_page_they_asked_for(
    jo: Person, browser: Browser
) -> None:
    browser.get("/search?q=phonics&kind=offer")
    assert browser.path.startswith("/sign-in")
    browser.submit("Sign in", email=jo.email, password="correct horse battery")
    assert browser.path == "/search?q=phonics&kind=offer"


@pytest.mark.parametrize(
    "target",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "/\r\\elsewhere.example",
        "/\t/elsewhere.example",
        "javascript:alert(1)",
    ],
)
def test_nobody_is_sent_to_another_site(jo: Person, browser: Browser, target: str) -> None:
    page = browser.client.get("/sign-in", query_string={"next": target})
    token = page.text.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
    answer = browser.client.post(
        "/sign-in",
        query_string={"next": target},
        data={"csrf_token": token, "email": jo.email, "password": "correct horse battery"},
    )
    assert (answer.status_code, answer.location) == (302, "/home")


def test_signing_out_ends_it(jo: Person, browser: Browser) -> None:
    browser.be(jo).get("/home").submit("Sign out")
    assert browser.path == "/"
    assert browser.get("/home").path.startswith("/sign-in")


def test_buttons_of_the_frame_after_the_session_only_ask_to_sign_in(
    jo: Person, browser: Browser
) -> None:
    browser.be(jo).get("/home")
    browser.end_session()
    browser.submit("Sign out")
    assert (browser.status, browser.path) == (200, "/sign-in")
    browser.submit("Sign in", email=jo.email, password="correct horse battery")
    assert (browser.status, browser.path) == (200, "/home")


def test_a_changed_password_ends_every_session(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    assert browser.be(jo).get("/home").path == "/home"
    with saved(app) as session:
        token = one_time_links.make(session, Purpose.PASSWORD_RESET, jo.id)
        link = site_link("accounts.use_link", token=token)
    other = Browser(app.test_client()).get(link)
    other.submit(
        "Set the password", new_password="three quiet rivers", repeat_password="three quiet rivers"
    )
    assert other.path == "/home"
    assert browser.get("/home").path.startswith("/sign-in")


def test_somebody_switched_off_is_out_at_once(app: Skillbank, jo: Person, browser: Browser) -> None:
    browser.be(jo)
    with saved(app) as session:
        session.get_one(Person, jo.id).active = False
    assert browser.get("/home").path.startswith("/sign-in")


def test_staff_of_a_closed_school_are_told_where_they_stand(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    with saved(app) as session:
        session.scalars(sa.select(School)).one().status = "closed"
    browser.be(jo).get("/home")
    assert (browser.status, browser.heading) == (200, "No school to act for")
    for path in ("/search", "/exchanges", "/credits/book/journal", "/credits"):
        assert browser.get(path).status == 403
        assert "You hold no role at a school that is open." in browser.text
