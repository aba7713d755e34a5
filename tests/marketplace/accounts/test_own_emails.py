"""What became of the e-mails to a person, and to the people of a school."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts.models import Person, SecurityEvent
from marketplace.accounts.roles import Role
from marketplace.accounts.security_log import SecurityKind
from marketplace.application import Skillbank
from marketplace.mail.models import EmailState
from marketplace.mail.service import mark_failing, mark_sent, mark_undelivered, queue_email
from marketplace.schools.models import School
from tests.marketplace.accounts.factories import staff
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.members.factories import invited
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


def linked(browser: Browser, label: str) -> str:
    """Where the link with this label leads."""
    return str(browser.page.select_one("main").find("a", string=label)["href"])


def notices(browser: Browser) -> list[str]:
    return [" ".join(notice.get_text().split()) for notice in browser.page.select("main .notice")]


def test_a_person_sees_what_became_of_their_own_e_mails(
    app: Skillbank, client: FlaskClient, jo: Person
) -> None:
    browser = Browser(client).be(jo).get("/account/e-mails")
    shown = rows(browser)
    assert len(shown) == 3
    assert "It will be sent in a moment. Waiting" in shown[0]
    assert "It was sent and came back. 550 No <b>such</b> user Came back" in shown[1]
    assert "The mail server took it on" in shown[2]
    assert notices(browser) == []


def test_a_person_whose_address_fails_is_told_on_every_page(
    app: Skillbank, client: FlaskClient, jo: Person
) -> None:
    browser = Browser(client).be(jo)
    assert notices(browser.get("/home")) == []
    with saved(app) as session:
        mark_failing(session, jo.email, "550 No such user")
    told = "E-mails to jo@hope.example come back, so we send nothing more there."
    assert notices(browser.get("/home")) == [f"{told} Correct your address."]
    browser.get(linked(browser, "Correct your address"))
    (notice,) = notices(browser)
    assert notice.startswith(f"{told} The mail server said: 550 No such user")
    assert "correct your address" in browser.get("/account").text


def test_an_administrator_sees_whom_nothing_reaches_and_nobody_elses(
    app: Skillbank, client: FlaskClient, jo: Person
) -> None:
    with saved(app) as session:
        invited(session.get_one(School, 300_001), "new@hope.example")
        for address in (jo.email, "al@moat.example", "new@hope.example"):
            mark_failing(session, address, "550 No such user")
        ada = session.scalars(sa.select(Person).where(Person.name == "Ada")).one()
    browser = Browser(client).be(ada).get("/schools/300001/people")
    browser.get(linked(browser, "E-mails"))
    shown = rows(browser)
    assert [row.split(" The mail")[0] for row in shown if " If " in row] == [
        "Jo Marsh jo@hope.example"
    ]
    assert sum("Take the invitation back" in row for row in shown) == 1
    assert len(shown) == 4 + 1  # those who fail, what Jo was sent for the school, the invitation
    assert "al@moat.example" not in browser.text
    assert browser.get("/schools/300002/e-mails").status == 404


def test_an_administrator_has_a_colleagues_address_tried_again(
    app: Skillbank, client: FlaskClient, jo: Person
) -> None:
    with saved(app) as session:
        mark_failing(session, jo.email, "550 No such user")
        ada = session.scalars(sa.select(Person).where(Person.name == "Ada")).one()
    browser = Browser(client).be(ada).get("/schools/300001/e-mails")
    again = browser.values("This address works again")
    browser.submit("This address works again")
    assert browser.flashes == ["The next e-mails are sent to the address again."]
    assert "Addresses that fail" not in browser.text
    browser.post(f"/schools/300001/people/{jo.id}/address-works", again)
    assert browser.flashes == ["The address works: nothing has changed."]
    with saved(app) as session:
        noted = session.scalars(
            sa.select(SecurityEvent).where(SecurityEvent.kind == SecurityKind.ADDRESS_WORKS_AGAIN)
        ).all()
        assert [(row.person_id, row.actor_id, row.school_urn) for row in noted] == [
            (jo.id, ada.id, 300_001)
        ]
