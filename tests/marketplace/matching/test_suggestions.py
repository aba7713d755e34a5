"""The start page: what to offer, and what to take with credit that lies idle."""

from __future__ import annotations

from flask.testing import FlaskClient

from marketplace.accounts.actor import Actor
from marketplace.application import Skillbank
from marketplace.matching.suggestions import is_idle
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.search.factories import indexed


def school(**facts: object) -> Actor:
    return actor_for(joined_school(**facts))


def test_what_others_near_look_for_leads_to_the_form(app: Skillbank, client: FlaskClient) -> None:
    with saved(app) as session:
        us = school()
        for _ in range(3):
            posted(school(), kind="request", topics=("phonics",))
        posted(school(), kind="request", topics=("music",), phases=("ks4",))
        posted(school(easting=550_000), kind="request", topics=("science",))
        indexed(session)
    browser = Browser(client).be(us).get("/home")
    link = browser.page.find("a", string=lambda text: text and text.startswith("Offer help with"))
    assert "3 requests near you are answered" in link.get_text()
    assert browser.text.count("Offer help with") == 1
    browser.get(link["href"])
    [chosen] = browser.page.select('input[name="topics"][checked]')
    assert chosen["value"] == "phonics"


def test_what_we_offer_already_is_not_suggested(app: Skillbank, client: FlaskClient) -> None:
    with saved(app) as session:
        us = school()
        posted(us)
        posted(school(), kind="request")
        indexed(session)
    assert "Offer help with" not in Browser(client).be(us).get("/home").text


def test_idle_credit_gets_three_things_near(app: Skillbank, client: FlaskClient) -> None:
    with saved(app) as session:
        us = school()
        for number in range(4):
            posted(school(easting=380_000 + 1000 * number), title=f"Visit {number}")
        far = school(easting=550_000)
        posted(far, title="Far away")
        indexed(session)
    page = Browser(client).be(us).get("/home")
    listed = page.page.find("h2", string="Worth taking with your credits").find_next("ul")
    assert [link.get_text() for link in listed.select("a")] == ["Visit 0", "Visit 1", "Visit 2"]


def test_without_an_index_the_page_works(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        us = school()
    assert Browser(client).be(us).get("/home").status == 200


def test_credit_is_idle_that_is_there_and_not_spent() -> None:
    policy = Policy(joining_grant=600)
    assert is_idle(600, 0, policy)
    assert not is_idle(599, 0, policy)
    assert is_idle(2400, 30, policy)
    assert not is_idle(900, 300, policy)
    assert not is_idle(None, None, policy)
    assert not is_idle(0, 0, Policy(joining_grant=0))
