"""Resetting the second factor of a colleague who has lost it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import Person, SecurityEvent
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.mail.models import Email
from marketplace.schools.models import School
from tests.marketplace.accounts.factories import PersonFactory, staff
from tests.marketplace.accounts.second_factors.factories import with_authenticator
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

RESET = "Reset the second factor"


@pytest.fixture
def school(app: Skillbank) -> School:
    with saved(app):
        return joined_school(name="Hope Primary")


@pytest.fixture
def head(app: Skillbank, school: School) -> Browser:
    """The browser of the administrator, who is called Hanna Head."""
    with saved(app):
        person = staff(school, Role.ADMINISTRATOR, name="Hanna Head")
    return Browser(app.test_client()).be(person)


def open_page(browser: Browser, school: School, person: Person) -> Browser:
    return browser.get(f"/schools/{school.urn}/people/{person.id}/second-factor")


def test_a_colleague_who_has_lost_it_starts_again(
    app: Skillbank, school: School, head: Browser
) -> None:
    with saved(app):
        bursar = staff(school, Role.FINANCE, name="Bo Bursar")
        with_authenticator(bursar)
    theirs = Browser(app.test_client()).be(bursar)
    head.get(f"/schools/{school.urn}/people/{bursar.id}")
    open_page(head, school, bursar).submit(RESET)
    assert head.flashes[0].startswith("The second factor of Bo Bursar has been reset")
    assert theirs.get("/home").path.startswith("/sign-in")
    assert theirs.sign_in(bursar).path == "/account/second-factor"
    with app.app_context():
        event = db.session.scalars(
            sa.select(SecurityEvent).where(SecurityEvent.kind == "factors_reset")
        ).one()
        email = db.session.scalars(
            sa.select(Email).where(Email.template == "second_factor_reset")
        ).one()
        assert (event.person_id, event.school_urn) == (bursar.id, school.urn)
        assert event.details == {"finance": 1}
        assert email.to_address == bursar.email
        assert email.subject == "Hanna Head of Hope Primary has reset your second factor"
    assert RESET not in open_page(head, school, bursar).buttons


def test_nobody_resets_their_own(app: Skillbank, school: School) -> None:
    with saved(app):
        person = staff(school, Role.ADMINISTRATOR)
        with_authenticator(person)
    browser = open_page(Browser(app.test_client()).be(person), school, person)
    assert "You cannot reset your own second factor" in browser.text
    assert RESET not in browser.buttons
    assert refused(app, browser, school, person)


def test_who_works_elsewhere_too_is_for_the_operator(
    app: Skillbank, school: School, head: Browser
) -> None:
    with saved(app):
        both = PersonFactory(roles=[(Role.MEMBER, school), (Role.MEMBER, joined_school())])
        with_authenticator(both)
        operator = PersonFactory(roles=[(Role.OPERATOR, None)])
    assert "also works at another school" in open_page(head, school, both).text
    assert refused(app, head, school, both)
    open_page(Browser(app.test_client()).be(operator), school, both).submit(RESET)
    assert Browser(app.test_client()).sign_in(both).path == "/home"


def test_staff_of_the_network_are_for_whoever_runs_the_server(
    app: Skillbank, school: School
) -> None:
    with saved(app):
        auditor = PersonFactory(roles=[(Role.MEMBER, school), (Role.AUDITOR, None)])
        with_authenticator(auditor)
        operator = PersonFactory(roles=[(Role.OPERATOR, None)])
    browser = open_page(Browser(app.test_client()).be(operator), school, auditor)
    assert "people reset-factors" in browser.text
    assert refused(app, browser, school, auditor)


def refused(app: Skillbank, browser: Browser, school: School, person: Person) -> bool:
    """Whether the form is refused though it is sent."""
    app.config["WTF_CSRF_ENABLED"] = False
    browser.post(f"/schools/{school.urn}/people/{person.id}/second-factor", {})
    return browser.status == 422 and bool(browser.errors)


def test_the_server_resets_and_encrypts_anew(app: Skillbank) -> None:
    with saved(app):
        operator = PersonFactory(roles=[(Role.OPERATOR, None)], name="Olu Operator")
        with_authenticator(operator)
    runner = app.test_cli_runner()
    again = runner.invoke(args=["people", "reencrypt"])
    assert (again.exit_code, again.output) == (0, "1 secrets are encrypted with the present key.\n")
    reset = runner.invoke(args=["people", "reset-factors", f" {operator.email.upper()} "])
    assert reset.exit_code == 0, reset.output
    assert "Olu Operator has no second factor now" in reset.output
    assert Browser(app.test_client()).sign_in(operator).path == "/account/second-factor"
    twice = runner.invoke(args=["people", "reset-factors", operator.email])
    assert (twice.exit_code, twice.output) == (1, "Error: Olu Operator has no second factor.\n")
    unknown = runner.invoke(args=["people", "reset-factors", "nobody@example.org"])
    assert unknown.exit_code == 1


def test_a_secret_that_no_key_opens_is_named(app: Skillbank) -> None:
    with saved(app):
        person = PersonFactory()
        with_authenticator(person)
    app.config["SECRET_KEY"] = "quite another key"
    result = app.test_cli_runner().invoke(args=["people", "reencrypt"])
    assert result.exit_code == 1
    assert f"The secret of {person.email} cannot be read with any key." in result.output
