"""The pages of saved searches, and the link that ends alerts."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from marketplace.accounts.actor import Actor
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.saved_searches import service
from marketplace.saved_searches.models import AlertFrequency, SavedSearch
from marketplace.saved_searches.unsubscribing import end_link
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.saved_searches.factories import run_searches, saved_search
from tests.marketplace.search.factories import indexed


@pytest.fixture
def us(app: Skillbank) -> Actor:
    with saved(app) as session:
        us, them = actor_for(joined_school()), actor_for(joined_school())
        posted(them, title="Phonics coaching")
        indexed(session)
    return us


def all_saved(app: Skillbank) -> list[SavedSearch]:
    with app.app_context():
        return list(db.session.query(SavedSearch))


def test_a_search_is_saved_from_the_search_page(
    app: Skillbank, client: FlaskClient, us: Actor
) -> None:
    browser = Browser(client).be(us).get("/search?q=fonics&topic=phonics&phase=ks1&nonsense=1")
    link = browser.page.find("a", string="Save this search and be told of new ones")
    browser.get(link["href"])
    assert browser.heading == "Save this search"
    browser.submit("Save the search", name="Phonics for Year 1", frequency="at_once")
    assert browser.heading == "Your saved searches"
    assert "Phonics for Year 1" in browser.text
    [search] = all_saved(app)
    # What was meant is saved, so that it finds what is posted as “phonics”.
    assert search.criteria["q"] == "phonics"
    assert search.criteria["values"] == {"topic": ["phonics"], "phase": ["ks1"]}
    assert search.frequency == "at_once"


def test_the_tab_of_our_own_is_saved_as_such(
    app: Skillbank, client: FlaskClient, us: Actor
) -> None:
    browser = Browser(client).be(us).get("/search?q=phonics&kind=ours")
    link = browser.page.find("a", string="Save this search and be told of new ones")
    browser.get(link["href"])
    assert "phonics, in our own school and trust" in browser.text
    browser.submit("Save the search")
    assert "Offers and requests: phonics, in our own school and trust" in browser.text
    [again] = [one for one in browser.page.select("main a") if "Search now" in one.get_text()]
    assert again["href"] == "/search?q=phonics&kind=ours"
    assert all_saved(app)[0].criteria["kind"] == "ours"


def test_sending_the_form_twice_saves_once(app: Skillbank, client: FlaskClient, us: Actor) -> None:
    browser = Browser(client).be(us).get("/saved-searches/new?q=phonics")
    values = browser.values("Save the search")
    values["frequency"] = ["daily"]
    for _ in range(2):
        browser.post("/saved-searches/new?q=phonics", values)
    assert len(all_saved(app)) == 1


def test_it_is_renamed_told_otherwise_and_deleted(
    app: Skillbank, client: FlaskClient, us: Actor
) -> None:
    with saved(app):
        number = saved_search(us).id
    browser = Browser(client).be(us).get(f"/saved-searches/{number}")
    browser.submit("Save", name="Ours", frequency="weekly")
    assert browser.heading == "Ours"
    stale = browser.values("Save")
    browser.submit("Save", name="Ours again", frequency="off")
    browser.post(f"/saved-searches/{number}", stale)
    assert browser.status == 409
    browser.get(f"/saved-searches/{number}").submit("Delete this search")
    assert all_saved(app) == []


def test_its_page_has_what_it_told_and_its_person_may_see(
    app: Skillbank, client: FlaskClient, us: Actor
) -> None:
    with saved(app) as session:
        number = saved_search(us).id
        posted(actor_for(joined_school(name="Ash Primary")), title="Phonics for parents")
        run_searches(session)
    browser = Browser(client).be(us).get(f"/saved-searches/{number}")
    assert "Phonics for parents" in browser.text
    assert "Ash Primary" in browser.text


def test_one_click_ends_the_alerts_of_one_search(
    app: Skillbank, client: FlaskClient, us: Actor
) -> None:
    with saved(app):
        one, other = saved_search(us), saved_search(us)
        path = end_link(one.id, us.person_id).partition("localhost")[2]
        forged = end_link(one.id, us.person_id + 1).partition("localhost")[2]
    path, forged = (f"/{each.split('/', 1)[1]}" for each in (path, forged))
    # Mail programs send this by themselves, without a session, a token or an origin.
    assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert {search.id: search.frequency for search in all_saved(app)} == {
        one.id: "off",
        other.id: "at_once",
    }
    assert client.post(forged).status_code == 404
    assert client.get(f"{path}x").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "q=" + "x" * 10_000,
        "q=<script>alert(1)</script>&name=<b>",
        "q=😀&near=😀",
        "q=a&topic=phonics'--&phase=x&within=-5&kind=other&circle=zzz",
        "within=99999999999999999999",
        "_external=1&_scheme=javascript&_anchor=x",
        "q=%22*NEAR:AND%22&exactly=1",
        "near=Nowhere-at-all",
    ],
)
def test_hostile_addresses_get_a_clear_page(client: FlaskClient, us: Actor, query: str) -> None:
    browser = Browser(client).be(us).get(f"/search?{query}")
    assert browser.status == 200
    browser.get(f"/saved-searches/new?{query}")
    assert browser.status == 200
    assert "<script>alert" not in browser.answer.text
    browser.submit("Save the search", frequency="daily", name="<i>x</i>")
    assert browser.status in (200, 422)
    assert "<i>x</i>" not in browser.answer.text
    assert Browser(client).be(us).get("/saved-searches").status == 200


def test_a_person_saves_only_so_many(app: Skillbank, client: FlaskClient, us: Actor) -> None:
    with saved(app) as session:
        for _ in range(service.MOST_SAVED):
            saved_search(us, "phonics", AlertFrequency.OFF)
        session.flush()
    browser = Browser(client).be(us).get("/saved-searches/new?q=phonics")
    browser.submit("Save the search", frequency="daily")
    assert browser.status == 422
    assert "Delete one first" in browser.text
