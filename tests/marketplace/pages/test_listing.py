"""The page of a listing: what it says beside its content, and what is like it."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from flask.testing import FlaskClient

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.application import Skillbank
from marketplace.conversations.models import Enquiry
from marketplace.database import db
from marketplace.exchanges.models import Exchange, State
from marketplace.listings.detail_models import Met
from marketplace.listings.details import Details
from marketplace.listings.lasting import mark_met
from marketplace.pages.listing_facts import LONGEST_OPENING
from marketplace.profiles.track_record.counting import count_record
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.schools.factories import TrustFactory
from tests.marketplace.search.factories import indexed

MILE = 1609


def _school(miles: int, name: str, **values: object) -> Actor:
    east = 400_000 + miles * MILE
    return actor_for(joined_school(name=name, easting=east, northing=400_000, **values))


def _listing_of(exchange: Exchange) -> int:
    enquiry = db.session().get(Enquiry, exchange.enquiry_id)
    assert enquiry is not None
    return enquiry.listing_id


def _fact(browser: Browser, name: str) -> str | None:
    for pair in browser.page.select(".decision-box .facts > div"):
        if pair.dt.get_text() == name:
            return " ".join(pair.dd.get_text().split())
    return None


def _similar(browser: Browser) -> list[str]:
    return [link.get_text() for link in browser.page.select(".similar-title a")]


def test_an_offer_says_how_often_it_was_given_and_when_last(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app) as session:
        us, giver = _school(0, "Our School"), _school(5, "Hope Primary")
        given = _listing_of(brought_to(State.CONFIRMED, giver, us))
        under_way = _listing_of(brought_to(State.AGREED, giver, us))
        request = posted(giver, kind="request").id
        count_record(session, giver.school())
    browser = Browser(client).be(us)
    browser.get(f"/listings/{given}")
    assert _fact(browser, "Given") == f"Once, in {clock.today():%B %Y}"
    browser.get(f"/listings/{under_way}")
    assert _fact(browser, "Given") == "Not yet"
    browser.get(f"/listings/{request}")
    assert _fact(browser, "Given") is None


def test_an_offer_says_on_which_days_it_can_be_had_next(
    app: Skillbank, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monday = datetime(2026, 11, 23, 9, tzinfo=clock.LONDON)
    monkeypatch.setattr(clock, "now", lambda: monday)
    with saved(app):
        us, giver = _school(0, "Our School"), _school(5, "Hope Primary")
        dated = posted(giver, details=Details(weekdays=(1, 3))).id
        undated = posted(giver).id
    browser = Browser(client).be(us)
    browser.get(f"/listings/{dated}")
    assert _fact(browser, "Free next") == "Tue 24 Nov, Thu 26 Nov, Tue 1 Dec"
    assert date(2026, 11, 24).weekday() == 1
    browser.get(f"/listings/{undated}")
    assert _fact(browser, "Free next") is None


def test_similar_offers_share_a_topic_and_the_nearest_stand_first(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app) as session:
        us, giver = _school(0, "Our School"), _school(5, "Hope Primary")
        shown = posted(giver, topics=("phonics", "maths"))
        posted(giver, title="Of the same school")
        posted(us, title="Ours")
        posted(_school(1, "Near"), title="Another topic", topics=("send",))
        posted(_school(1, "Near"), title="A request", kind="request")
        for miles in (40, 10, 20, 80, 30):
            posted(_school(miles, "Other"), title=f"{miles} miles away")
        number = shown.id
        indexed(session)
    browser = Browser(client).be(us)
    browser.get(f"/listings/{number}?search=q%3Dphonics")
    nearest = [f"{miles} miles away" for miles in (10, 20, 30, 40)]
    assert _similar(browser) == nearest
    first = browser.page.select_one(".similar-title a")
    assert first["href"].endswith("?search=q%3Dphonics")
    every = browser.page.find("a", string="All offers on Mathematics, Phonics and early reading")
    browser.get(every["href"])
    assert all(title in browser.text for title in nearest)


def test_similar_offers_are_only_those_that_the_reader_may_see_now(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app) as session:
        us, giver = _school(0, "Our School"), _school(5, "Hope Primary")
        trust = TrustFactory()
        kin, other = _school(1, "Kin", trust=trust), _school(2, "Other")
        shown = posted(giver).id
        posted(kin, title="For their trust", audience="trust")
        posted(other, title="For their own staff", audience="school")
        gone = posted(other, title="Withdrawn since")
        posted(other, title="For everybody")
        indexed(session)
        gone.status = "withdrawn"
    assert _similar(Browser(client).be(us).get(f"/listings/{shown}")) == ["For everybody"]


def test_price_and_actions_stand_before_all_but_a_short_first_paragraph(
    app: Skillbank, client: FlaskClient
) -> None:
    long = "x" * (LONGEST_OPENING + 1)
    with saved(app):
        us, giver = _school(0, "Our School"), _school(5, "Hope Primary")
        short_first = posted(giver, description="First words.\n\nSecond words.").id
        long_first = posted(giver, description=f"{long}\n\nSecond words.").id
    text = Browser(client).be(us).get(f"/listings/{short_first}").text
    assert text.index("First words.") < text.index("Ask a question") < text.index("Second words.")
    text = Browser(client).be(us).get(f"/listings/{long_first}").text
    assert text.index("Ask a question") < text.index(long) < text.index("Second words.")


def test_the_way_back_to_a_search_keeps_its_page(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        us, giver = _school(0, "Our School"), _school(5, "Hope Primary")
        number = posted(giver).id
    browser = Browser(client).be(us)
    browser.get(f"/listings/{number}?search=q%3DYear%2B6%26after%3D20")
    assert _way_back(browser) == "/search?q=Year+6&after=20"
    ask = browser.page.find("a", string="Ask a question")["href"]
    propose = browser.page.find("a", string="Propose an exchange")["href"]
    for form in (ask, propose):
        browser.get(form)
        browser.get(browser.page.select_one(".back a")["href"])
        assert _way_back(browser) == "/search?q=Year+6&after=20"


def _way_back(browser: Browser) -> str:
    return str(browser.page.find("a", string="Back to the search")["href"])


def test_a_request_that_is_met_is_not_called_withdrawn(app: Skillbank, client: FlaskClient) -> None:
    with saved(app) as session:
        us = _school(0, "Our School")
        request = posted(us, kind="request")
        mark_met(session, us, request, Met.FULLY, "Hope Primary")
        number = request.id
    page = Browser(client).be(us).get(f"/listings/{number}").page
    tags = [tag.get_text() for tag in page.select(".page-actions .tag")]
    assert tags == ["Met by Hope Primary, on the first day"]
