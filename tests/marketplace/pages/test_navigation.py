"""The layout round every page: where one is, and what waits."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.clock import today
from marketplace.conversations.models import Enquiry
from marketplace.exchanges.models import State
from tests.marketplace.accounts.factories import PersonFactory, actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/messages", "Messages"),
        ("/messages/{enquiry}", "Messages"),
        ("/messages/{enquiry}/propose", "Messages"),
        ("/exchanges/{exchange}", "Exchanges"),
        ("/listings/{listing}", "Find help"),
        ("/listings/new", "Our listings"),
        ("/credits", "Credits"),
    ],
)
def test_the_navigation_says_where_one_is(
    app: Skillbank, client: FlaskClient, path: str, label: str
) -> None:
    with saved(app) as session:
        us, them = actor_for(joined_school()), actor_for(joined_school())
        made = brought_to(State.AGREED, us, them)
        numbers = {
            "enquiry": made.enquiry_id,
            "exchange": made.id,
            "listing": session.get_one(Enquiry, made.enquiry_id).listing_id,
        }
    browser = Browser(client).be(them).get(path.format(**numbers))
    assert browser.status == 200
    current = browser.page.select(".site-nav [aria-current]")
    assert [item.contents[0].strip() for item in current] == [label]


@pytest.mark.parametrize(("days", "waits"), [(0, True), (7, False)])
def test_what_is_agreed_for_a_later_day_does_not_wait_yet(
    app: Skillbank, client: FlaskClient, days: int, waits: bool
) -> None:
    with saved(app):
        us, them = actor_for(joined_school()), actor_for(joined_school())
        brought_to(State.AGREED, us, them, on_date=today() + timedelta(days=days))
    browser = Browser(client).be(us).get("/exchanges?show=all")
    assert ("Your turn" in browser.text) == waits
    assert bool(browser.get("/exchanges?show=waiting").page.select(".row-item")) == waits
    badges = [badge.parent.contents[0].strip() for badge in browser.page.select(".nav-badge")]
    assert ("Exchanges" in badges) == waits


@pytest.mark.parametrize(("count", "more"), [(6, False), (7, True)])
def test_the_start_page_leads_to_everything_that_waits(
    app: Skillbank, client: FlaskClient, count: int, more: bool
) -> None:
    with saved(app):
        us, them = actor_for(joined_school()), actor_for(joined_school())
        for _ in range(count):
            brought_to(State.PROPOSED, us, them, minutes=15)
    browser = Browser(client).be(us).get("/home")
    assert len(browser.page.select('.task-action a[href^="/exchanges/"]')) == 6
    assert bool(browser.page.select('a[href="/exchanges?show=waiting"]')) == more


def test_the_name_of_the_site_leads_to_ones_own_start(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        person = actor_for(joined_school())
    browser = Browser(client).get("/")
    assert browser.page.select_one("a.brand")["href"] == "/"
    browser.be(person).get("/search")
    assert browser.page.select_one("a.brand")["href"] == "/home"


@pytest.mark.parametrize(
    ("role", "sections"),
    [
        (Role.OPERATOR, ["Find help", "Schools", "People", "Ledger", "Settings", "Notifications"]),
        (Role.AUDITOR, ["Find help", "Schools", "Ledger", "Settings", "Notifications"]),
    ],
)
def test_the_pages_of_the_network_are_in_sections(
    app: Skillbank, client: FlaskClient, role: Role, sections: list[str]
) -> None:
    with saved(app):
        person = PersonFactory(roles=[(role, None)])
    browser = Browser(client).be(person).get("/credits/book/seals")
    assert [item.contents[0].strip() for item in browser.page.select(".site-nav a")] == sections
    current = browser.page.select("[aria-current=page]")
    assert [item.contents[0].strip() for item in current] == ["Ledger", "Seals"]
    for link in browser.page.select(".section-nav a"):
        assert Browser(client).be(person).get(link["href"]).status == 200


def test_what_an_administrator_needs_seldom_is_below_what_it_belongs_to(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app):
        administrator = actor_for(joined_school(), Role.ADMINISTRATOR)
    browser = Browser(client).be(administrator).get("/home")
    names = [item.contents[0].strip() for item in browser.page.select(".site-nav a")]
    assert "People" in names
    assert "Support access" not in names
    browser.get(browser.page.find("a", string=re.compile("People"))["href"])
    below = {
        link.contents[0].strip(): link["href"] for link in browser.page.select(".section-nav a")
    }
    assert list(below) == ["People", "Support access"]
    browser.get(below["Support access"])
    current = [item.contents[0].strip() for item in browser.page.select("[aria-current=page]")]
    assert current == ["People", "Support access"]
