"""Sessions on the server: what begins one, and that it ends for every copy of the cookie."""

from __future__ import annotations

from datetime import timedelta

import flask
import pytest
import sqlalchemy as sa

from marketplace import clock
from marketplace.accounts import sessions
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person, SignIn
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.members.service import change_roles
from marketplace.schools.models import School
from marketplace.web.tokens import hash_token
from tests.marketplace.accounts.factories import PersonFactory, actor_for, staff
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

HOURS = timedelta(hours=1)


def cookie_of(browser: Browser) -> str:
    cookie = browser.client.get_cookie("skillbank")
    assert cookie is not None
    return cookie.value


def with_cookie(app: Skillbank, value: str) -> Browser:
    """Another browser with a copy of a cookie."""
    browser = Browser(app.test_client())
    browser.client.set_cookie("skillbank", value)
    return browser


def is_in(browser: Browser) -> bool:
    return browser.get("/home").path == "/home"


def rows(app: Skillbank) -> list[SignIn]:
    with app.app_context():
        return list(db.session.scalars(sa.select(SignIn).order_by(SignIn.id)))


def earlier(app: Skillbank, **ago: timedelta) -> None:
    """Let every session have begun, or have been used, some time ago."""
    with saved(app) as session:
        values = {column: clock.now() - time for column, time in ago.items()}
        session.execute(sa.update(SignIn).values(**values))


def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    copy = with_cookie(app, cookie_of(browser.sign_in(jo)))
    assert is_in(copy)
    browser.get("/home").submit("Sign out")
    assert not is_in(copy)
    assert [row.end_reason for row in rows(app)] == ["signed_out"]


def test_signing_in_again_ends_the_session_before(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    copy = with_cookie(app, cookie_of(browser.sign_in(jo)))
    browser.end_session()
    with_cookie(app, cookie_of(copy)).get("/home")
    browser.sign_in(jo)
    assert is_in(copy)  # it is another browser's
    copy.post("/sign-in", {})
    assert is_in(browser)


def test_the_table_does_not_hold_what_the_browser_has(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    browser.sign_in(jo)
    with browser.client.session_transaction() as session:
        token = session["_user_id"]
    [row] = rows(app)
    assert token not in (row.token_hash, row.device)
    assert row.token_hash == hash_token(token)


def test_another_token_ends_the_one_before(app: Skillbank, jo: Person, browser: Browser) -> None:
    browser.sign_in(jo)
    with saved(app) as session:
        token = sessions.rotate(session, rows(app)[0].id)
    assert not is_in(browser)
    with browser.client.session_transaction() as session:
        session["_user_id"] = token
    assert is_in(browser)


@pytest.mark.parametrize(
    ("role", "idle", "longest"),
    [
        (Role.MEMBER, 8, 7 * 24),
        (Role.ADMINISTRATOR, 8, 7 * 24),
        (Role.FINANCE, 1, 12),
        (Role.OPERATOR, 1, 12),
        (Role.AUDITOR, 1, 12),
    ],
)
def test_limits_are_shorter_for_money_and_the_network(
    app: Skillbank, browser: Browser, role: Role, idle: int, longest: int
) -> None:
    with saved(app):
        school = None if role in (Role.OPERATOR, Role.AUDITOR) else joined_school()
        person = PersonFactory(roles=[(role, school)])
    minute = timedelta(minutes=1)
    browser.be(person)
    earlier(app, last_used_at=idle * HOURS - minute)
    assert is_in(browser)
    earlier(app, last_used_at=idle * HOURS + minute)
    assert not is_in(browser)
    browser.be(person)
    earlier(app, created_at=longest * HOURS - minute)
    assert is_in(browser)
    earlier(app, created_at=longest * HOURS + minute)
    assert not is_in(browser)


def test_one_strict_role_makes_every_session_of_the_person_strict(
    app: Skillbank, browser: Browser
) -> None:
    with saved(app):
        first, second = joined_school(), joined_school()
        person = PersonFactory(roles=[(Role.MEMBER, first), (Role.FINANCE, second)])
    browser.be(actor := Actor(person.id, person.name, frozenset({Role.MEMBER}), first.urn))
    assert actor.key == f"school:{first.urn}"
    earlier(app, last_used_at=2 * HOURS)
    assert not is_in(browser)


def test_use_is_noted_once_a_minute_and_prolongs_the_session(
    app: Skillbank, jo: Person, browser: Browser
) -> None:
    browser.be(jo)
    earlier(app, last_used_at=timedelta(seconds=50))
    before = rows(app)[0].last_used_at
    browser.get("/home")
    assert rows(app)[0].last_used_at == before
    earlier(app, last_used_at=7 * HOURS)
    browser.get("/home")
    assert clock.now() - rows(app)[0].last_used_at < timedelta(minutes=1)


def test_changed_roles_end_the_sessions_of_whose_they_are(app: Skillbank, browser: Browser) -> None:
    with saved(app) as session:
        school = joined_school()
        head, jo = actor_for(school, Role.ADMINISTRATOR), staff(school, Role.MEMBER)
    boss = Browser(app.test_client()).be(head)
    browser.be(jo)
    with saved(app) as session:
        assert session.get_one(School, school.urn)
        change_roles(
            session,
            head,
            school.urn,
            jo.id,
            frozenset({Role.MEMBER, Role.FINANCE}),
            seen=frozenset({Role.MEMBER}),
        )
    assert not is_in(browser)
    assert is_in(boss)


def test_ending_all_but_one_leaves_that_one(app: Skillbank, jo: Person, browser: Browser) -> None:
    browser.sign_in(jo)
    other = Browser(app.test_client()).sign_in(jo)
    first = rows(app)[0].id
    with saved(app) as session:
        ended = sessions.end_all(session, jo.id, sessions.EndReason.REVOKED, besides=first)
    assert ended == 1
    assert is_in(browser)
    assert not is_in(other)


@pytest.mark.parametrize(
    ("base_url", "name", "secure"),
    [
        ("http://localhost", "skillbank", False),
        ("http://127.0.0.1:8000", "skillbank", False),
        ("https://localhost", "__Host-skillbank", True),
        ("http://skillbank.example", "__Host-skillbank", True),
    ],
)
def test_the_cookie_is_bound_to_the_host_but_on_ones_own_machine(
    app: Skillbank, base_url: str, name: str, secure: bool
) -> None:
    with app.test_request_context("/sign-in", base_url=base_url):
        flask.session["csrf_token"] = "a token"
        answer = app.make_response("")
        app.session_interface.save_session(app, flask.session, answer)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{name}=")
    assert ("Secure" in cookie) == secure
    assert "HttpOnly" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
