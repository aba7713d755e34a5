"""Asking the administrators of a school that is in to be added."""

from __future__ import annotations

import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.claims.models import Claim
from marketplace.claims.service import MOST_FOR_SCHOOL, ask_to_be_added
from marketplace.mail.models import Email
from tests.marketplace.accounts.factories import staff
from tests.marketplace.browser import Browser
from tests.marketplace.claims.factories import claimant, emails_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school
from tests.marketplace.schools.factories import SchoolFactory

TYPED = {"name": "Jo New", "job": "Teacher", "email": "jo@hope.salford.sch.uk"}


def test_the_administrators_are_told_and_nobody_is_shown(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app):
        school = joined_school(name="Hope Primary", website="http://hope.salford.sch.uk")
        for name in ("ann", "ben"):
            staff(school, Role.ADMINISTRATOR, email=f"{name}@hope.example", name=name.title())
        staff(school, Role.ADMINISTRATOR, email="off@hope.example", active=False)
        staff(school, Role.FINANCE, email="fin@hope.example")
    browser = Browser(client).get(f"/find-your-school/{school.urn}")
    for private in ("Ann", "Ben", "hope.example"):
        assert private not in browser.text
    browser.get(f"/find-your-school/{school.urn}/ask").submit("Ask to be added", **TYPED)
    assert browser.path == f"/find-your-school/{school.urn}"
    assert "We have told the administrators of Hope Primary" in browser.flashes[0]
    with saved(app) as session:
        emails = session.scalars(sa.select(Email).order_by(Email.id)).all()
        assert [email.to_address for email in emails] == ["ann@hope.example", "ben@hope.example"]
        assert emails[0].subject == "Jo New asks to be added to Hope Primary on Skillbank"
        for words in ("jo@hope.salford.sch.uk", "Teacher", f"/schools/{school.urn}/people"):
            assert words in (emails[0].text or "")
        assert "The address is at your school’s own domain." in (emails[0].text or "")


def test_an_address_elsewhere_is_named_as_such(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school(website="http://hope.salford.sch.uk")
        boss = staff(school, Role.ADMINISTRATOR)
        ask_to_be_added(session, school, claimant("jo@gmail.com"), idempotency_key="k" * 20)
        (email,) = emails_to(boss.email)
        assert "The address is not at your school’s own domain." in (email.text or "")


def test_a_name_cannot_add_headers_or_markup(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school()
        boss = staff(school, Role.ADMINISTRATOR)
        who = claimant("jo@gmail.com", name="Jo\r\nBcc: x@y.example <b>")
        ask_to_be_added(session, school, who, idempotency_key="k" * 20)
        (email,) = emails_to(boss.email)
        assert "\n" not in email.subject
        assert "<b>" not in (email.html or "")


def test_a_school_without_an_administrator_is_claimed_instead(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app):
        school = SchoolFactory()
    browser = Browser(client).get(f"/find-your-school/{school.urn}/ask")
    assert browser.path == f"/find-your-school/{school.urn}"
    assert browser.page.select(f'a[href="/find-your-school/{school.urn}/claim"]')


def test_a_school_is_asked_so_often_a_day(app: Skillbank, client: FlaskClient) -> None:
    with saved(app) as session:
        school = joined_school()
        staff(school, Role.ADMINISTRATOR)
        for number in range(MOST_FOR_SCHOOL):
            who = claimant(f"x{number}@gmail.com")
            ask_to_be_added(session, school, who, idempotency_key=f"the key number {number}")
    path = f"/find-your-school/{school.urn}/ask"
    browser = Browser(client).get(path).submit("Ask to be added", **TYPED)
    assert browser.status == 429
    assert "10 claims and requests for this school" in browser.errors[0]
    with saved(app) as session:
        count = session.scalar(sa.select(sa.func.count()).select_from(Claim))
        assert count == MOST_FOR_SCHOOL


def test_one_form_twice_sends_one_email(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        school = joined_school()
        boss = staff(school, Role.ADMINISTRATOR)
    path = f"/find-your-school/{school.urn}/ask"
    browser = Browser(client).get(path)
    values = browser.values("Ask to be added") | {name: [text] for name, text in TYPED.items()}
    for _ in range(2):
        assert browser.post(path, values).status == 200
    with app.app_context():
        assert len(emails_to(boss.email)) == 1
