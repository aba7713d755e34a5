"""The operator's page of e-mails: what failed, and why."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts.models import SecurityEvent
from marketplace.accounts.roles import Role
from marketplace.accounts.security_log import SecurityKind
from marketplace.application import Skillbank
from marketplace.mail.models import EmailState
from marketplace.mail.queries import new_failures
from marketplace.mail.service import mark_failing, mark_sent, mark_undelivered, queue_email
from tests.marketplace.accounts.factories import PersonFactory
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.web.test_odd_addresses import ODD


@pytest.fixture
def operator(app: Skillbank, client: FlaskClient) -> Browser:
    """The operator, and an e-mail in each of three states."""
    with saved(app) as session:
        person = PersonFactory(roles=[(Role.OPERATOR, None)])
        queue_email(session, template="test", to="waiting@ash.example")
        sent = queue_email(session, template="test", to="sent@ash.example")
        refused = queue_email(session, template="test", to="refused@ash.example")
        mark_sent(sent)
        refused.tries = 2
        mark_undelivered(refused, EmailState.REFUSED, "550 5.1.1 No <b>such</b> user")
        mark_failing(session, refused.to_address, "550 5.1.1 No such user")
    return Browser(client).be(person)


def addresses(browser: Browser) -> list[str]:
    """The addresses of the rows."""
    titles = browser.page.select(".row-item .row-about, .row-item .row-title")
    return [
        word.removeprefix("To ")
        for title in titles
        if "@" in (word := title.get_text(" ", strip=True))
    ]


def test_what_failed_comes_first_with_what_the_server_said(operator: Browser) -> None:
    operator.get("/network/deliveries")
    assert operator.heading == "E-mails"
    assert addresses(operator) == ["refused@ash.example"]
    assert "550 5.1.1 No <b>such</b> user" in operator.text
    assert "2 tries" in operator.text
    current = operator.page.select('nav a[aria-current="page"]')
    assert [link.get_text(strip=True) for link in current] == ["People", "E-mails"]


@pytest.mark.parametrize(
    ("show", "expected"),
    [
        ("waiting", ["waiting"]),
        ("sent", ["sent"]),
        ("all", ["refused", "sent", "waiting"]),
        ("addresses", ["refused"]),
        ("nonsense", ["refused"]),
    ],
)
def test_each_tab_shows_its_own(operator: Browser, show: str, expected: list[str]) -> None:
    operator.get(f"/network/deliveries?show={show}")
    assert addresses(operator) == [f"{name}@ash.example" for name in expected]


def test_one_address_is_looked_for_in_each_tab(operator: Browser) -> None:
    operator.get("/network/deliveries?show=all&to=Sent@ash.example")
    assert addresses(operator) == ["sent@ash.example"]
    tab = operator.page.find("a", string="Addresses that fail")
    assert tab is not None
    operator.get(tab["href"])
    assert "Nothing for this address" in operator.text


@pytest.mark.parametrize("show", ["all", "addresses"])
def test_odd_questions_are_answered_in_each_kind_of_tab(operator: Browser, show: str) -> None:
    for odd in ODD:
        for name in ("to", "after"):
            query = {"show": show, name: odd}
            answer = operator.client.get("/network/deliveries", query_string=query)
            assert answer.status_code == (400 if "\0" in odd else 200), odd


def test_without_a_mail_server_the_page_says_so(operator: Browser) -> None:
    assert "No mail server is set" in operator.get("/network/deliveries").text


def test_an_address_works_again_when_the_operator_says_so(
    app: Skillbank, operator: Browser
) -> None:
    operator.get("/network/deliveries?show=addresses").submit("This address works again")
    assert operator.flashes == ["The next e-mails to refused@ash.example are sent again."]
    assert addresses(operator) == []
    with saved(app) as session:
        kinds = session.scalars(sa.select(SecurityEvent.kind)).all()
        assert kinds[-1] == SecurityKind.ADDRESS_WORKS_AGAIN
        email = queue_email(session, template="test", to="refused@ash.example")
        assert email.state == EmailState.WAITING


def test_a_failure_that_was_seen_is_no_longer_reported(app: Skillbank, operator: Browser) -> None:
    with saved(app) as session:
        assert len(new_failures(session, limit=5)) == 1
    operator.get("/network/deliveries").submit("Seen")
    assert addresses(operator) == ["refused@ash.example"]
    assert not operator.page.find("button", string="Seen")
    with saved(app) as session:
        assert new_failures(session, limit=5) == []
