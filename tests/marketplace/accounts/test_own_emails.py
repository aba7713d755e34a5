"""What became of the e-mails to a person, and to the people of a school."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from marketplace.accounts.models import Person
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.mail.models import EmailState
from marketplace.mail.service import mark_failing, mark_sent, mark_undelivered, queue_email
from tests.marketplace.accounts.factories import staff
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school


@pytest.fixture
def jo(app: Skillbank) -> Person:
    """A coordinator at Hope Primary, who got one e-mail for the school and lost another."""
    with saved(app) as session:
        hope = joined_school(urn=300_001, name="Hope Primary")
        jo = staff(hope, Role.COORDINATOR, name="Jo Marsh", email="jo@hope.example")
        staff(hope, Role.ADMINISTRATOR, name="Ada", email="ada@hope.example")
        other = staff(joined_school(urn=300_002), Role.ADMINISTRATOR, email="al@moat.example")
        about = {"template": "test", "to": jo.email, "person_id": jo.id}
        mark_sent(queue_email(session, **about, school_urn=300_001))
        mark_undelivered(
            queue_email(session, **about, school_urn=300_001),
            EmailState.BOUNCED,
            "550 No <b>such</b> user",
        )
        queue_email(session, **about)
        queue_email(session, template="test", to=other.email, person_id=other.id)
    return jo


def rows(browser: Browser) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in browser.page.select(".row-item")]


def test_a_person_sees_what_became_of_their_own_e_mails(
    app: Skillbank, client: FlaskClient, jo: Person
) -> None:
    browser = Browser(client).be(jo).get("/account/e-mails")
    shown = rows(browser)
    assert len(shown) == 3
    assert "Waiting" in shown[0]
    assert "Came back" in shown[1]
    assert "550 No <b>such</b> user" in shown[1]
    assert "Sent" in shown[2]
    assert "come back" not in browser.page.select_one("main").get_text().split("Came back")[0]


def test_a_person_whose_address_fails_is_told_on_the_start_page(
    app: Skillbank, client: FlaskClient, jo: Person
) -> None:
    browser = Browser(client).be(jo)
    assert "Our e-mails to you come back" not in browser.get("/home").text
    with saved(app) as session:
        mark_failing(session, jo.email, "550 No such user")
    browser.get("/home")
    assert "Our e-mails to you come back" in browser.text
    assert "550 No such user" in browser.get("/account/e-mails").text
    assert "your address takes none" in browser.get("/account").text


def test_an_administrator_sees_whom_nothing_reaches_and_nobody_elses(
    app: Skillbank, client: FlaskClient, jo: Person
) -> None:
    with saved(app) as session:
        mark_failing(session, jo.email, "550 No such user")
        mark_failing(session, "al@moat.example", "550 No such user")
        ada = session.query(Person).filter_by(name="Ada").one()
    browser = Browser(client).be(ada).get("/schools/300001/people")
    assert browser.page.select_one('a[href="/schools/300001/e-mails"]')
    browser.get("/schools/300001/e-mails")
    notices = [" ".join(n.get_text().split()) for n in browser.page.select("main .notice")]
    assert len(notices) == 1
    assert "Jo Marsh is told nothing (550 No such user)" in notices[0]
    assert len(rows(browser)) == 2
    assert "al@moat.example" not in browser.text
    assert browser.get("/schools/300002/e-mails").status == 404
