"""The search page: rows, tabs, the map, pages, and the ways on where nothing fits."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from marketplace.accounts.actor import Actor
from marketplace.application import Skillbank
from marketplace.audiences.audience import Reach
from marketplace.exchanges.models import State
from marketplace.listings.topics import BUILT_IN
from marketplace.profiles.track_record.counting import count_record
from marketplace.schools.word_index import index_schools
from marketplace.search import queries as searching
from marketplace.term_clock.service import answer
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.exchanges.within_trust.factories import decided
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school, operator
from tests.marketplace.profiles.factories import shared
from tests.marketplace.schools.factories import TrustFactory
from tests.marketplace.search.factories import indexed

HERE = {"easting": 400_000, "northing": 400_000}
MILE = 1609


class Town:
    """Our school with one of its trust, and others a few miles away; everything is indexed."""

    def __init__(self, app: Skillbank, client: FlaskClient) -> None:
        self.app, self.client = app, client
        with saved(app):
            self.network = operator()
            trust = TrustFactory()
            self.us = actor_for(joined_school(name="Our School", trust=trust, **HERE))
            self.kin = actor_for(joined_school(name="Kin School", trust=trust, **HERE))

    def other(self, miles: int, name: str = "Other School") -> Actor:
        """A school so many miles to the east."""
        return actor_for(joined_school(name=name, easting=400_000 + miles * MILE, northing=400_000))

    def browser(self, actor: Actor | None = None) -> Browser:
        """A browser of ours, or of another actor, when everything is in the index."""
        with saved(self.app) as session:
            indexed(session)
        return Browser(self.client).be(actor or self.us)


@pytest.fixture
def town(app: Skillbank, client: FlaskClient) -> Town:
    return Town(app, client)


def titles(browser: Browser) -> list[str]:
    return [link.get_text() for link in browser.page.select(".result h3 a")]


def test_what_is_our_own_is_a_tab_and_a_strip_and_not_among_the_results(town: Town) -> None:
    with saved(town.app):
        posted(town.us, title="Ours")
        posted(town.kin, title="Of our trust")
        posted(town.kin, title="Sought by our trust", kind="request")
        posted(town.other(3), title="Of others")
        posted(town.other(3), title="Sought by others", kind="request")
    browser = town.browser().get("/search?q=phonics")
    assert titles(browser) == ["Of others"]
    tabs = {link.get_text(): link["href"] for link in browser.page.select(".search-tabs li a")}
    assert list(tabs) == ["Offers 1", "Who needs us 1", "Our school and trust 3"]
    assert "3 in your own school and trust" in browser.page.select_one(".search-ours").get_text()
    assert len(browser.page.select(".search-ours li")) == 2
    assert titles(browser.get(tabs["Who needs us 1"])) == ["Sought by others"]
    browser.get(tabs["Our school and trust 3"])
    assert sorted(titles(browser)) == ["Of our trust", "Ours", "Sought by our trust"]
    assert "our school" in browser.page.select_one(".results").get_text()
    assert not browser.page.select(".search-ours")


def test_addresses_of_before_still_work(town: Town) -> None:
    with saved(town.app):
        posted(town.kin, title="Of our trust")
        posted(town.other(3), title="Of others", topics=("music",))
        posted(town.other(4), title="Sought", kind="request")
    browser = town.browser()
    assert titles(browser.get("/search?circle=trust")) == ["Of our trust"]
    assert titles(browser.get("/search?kind=request&topic=phonics&mode=&region=")) == ["Sought"]
    assert titles(browser.get("/search?topic=music")) == ["Of others"]
    assert titles(browser.get("/search?after=0~100000")) == ["Of others"]


def test_the_networks_people_have_no_own_tab_and_no_map(town: Town) -> None:
    with saved(town.app):
        posted(town.us, title="Theirs")
    browser = town.browser(town.network).get("/search?q=phonics")
    assert titles(browser) == ["Theirs"]
    assert [one.get_text() for one in browser.page.select(".search-tabs li a")] == [
        "Offers 1",
        "Who needs us 0",
    ]
    assert not browser.page.select(".search-map")
    browser.get("/search?within=10")
    assert browser.page.select_one("#near-error1").get_text().startswith("We do not know where")
    assert titles(browser) == []
    browser.get("/search?sort=nearest")
    assert "Write near which place" in browser.text
    assert titles(browser) == ["Theirs"]


def test_a_row_says_what_is_needed_to_choose(town: Town) -> None:
    with saved(town.app):
        posted(
            town.other(3, "Hill School"), title="Phonics & <b>joy</b>", minutes=90,
            description="Word. " * 60 + "At last we blend <i>phonics</i> with joy.",
        )  # fmt: skip
    row = town.browser().get("/search?q=phonics+blending").page.select_one(".result")
    assert [mark.get_text() for mark in row.select("mark")] == ["Phonics", "blend", "phonics"]
    assert row.select_one("h3").get_text(" ", strip=True).endswith("& <b>joy</b>")
    assert row.select("b, i") == []
    line = row.select_one(".result-line").get_text()
    assert line.startswith("… ")
    assert "<i>phonics</i> with joy." in line
    text = " ".join(row.get_text(" ").split())
    assert "Hill School · primary · 3 miles" in text
    assert "1½ credits At your school" in text


def test_topics_are_a_tree_with_counts(town: Town) -> None:
    assert set(BUILT_IN.groups).isdisjoint(BUILT_IN.by_slug)
    with saved(town.app):
        posted(town.other(3), title="Both", topics=("behaviour", "attendance"))
        posted(town.other(3), title="One", topics=("attendance",))
        posted(town.other(3), title="None", topics=("music",))
    browser = town.browser().get("/search?topic=pastoral&topic=music")
    assert len(titles(browser)) == 3
    chips = {chip.get_text(): chip["href"] for chip in browser.page.select(".search-chips li a")}
    left = next(url for text, url in chips.items() if text.startswith("Drama") or "Music" in text)
    browser.get(left)
    assert sorted(titles(browser)) == ["Both", "One"]
    groups = [
        " ".join(one.get_text(" ").split()) for one in browser.page.select(".facet-group summary")
    ]
    assert groups == ["Behaviour and pastoral care 2", "Humanities, arts and PE 1"]
    opened = browser.page.select_one(".facet-group[open]")
    choices = [" ".join(one.get_text(" ").split()) for one in opened.select(".facet-choice")]
    assert choices == ["All of these 2", "Behaviour 1", "Attendance 2"]
    assert browser.page.select_one(".search-chips > a")["href"] == "/search"


def test_the_map_has_the_hits_by_number_with_what_they_are(town: Town) -> None:
    with saved(town.app):
        for miles, name in ((2, "Near School"), (8, "Far School"), (200, "Remote School")):
            posted(town.other(miles, name), title=f"Phonics at {name}")
    page = town.browser().get("/search?q=phonics&sort=nearest").page
    dots = page.select(".map-hit")
    assert [dot["href"] for dot in dots] == ["#result-1", "#result-2"]
    assert dots[0]["aria-label"] == "1: Phonics at Near School, Near School"
    assert page.select_one("#result-1 a.result-number")["href"] == "#map-1"
    assert page.select("#result-3 a.result-number") == []
    assert "1 of these results is farther away" in page.select_one(".search-map").get_text()
    assert page.select(".map-ring") == []
    assert len(page.select(".map-us")) == 1
    assert page.select("svg [style], svg script") == []
    page = town.browser().get("/search?q=phonics&within=10").page
    assert len(page.select(".map-hit")) == 2
    assert len(page.select(".map-ring")) == 1


def test_a_distance_among_the_words_is_said_and_drawn(town: Town) -> None:
    with saved(town.app):
        for miles in (1, 3, 30):
            posted(town.other(miles), title=f"Phonics {miles}")
    browser = town.browser().get("/search?q=phonics+within+10+miles+of+us")
    assert titles(browser) == ["Phonics 1", "Phonics 3"]
    assert "These are within 10 miles of our school, the nearest first." in browser.text
    assert len(browser.page.select(".map-ring")) == 1
    drawing = browser.page.select_one(".search-map").get_text()
    assert "The circle is 10 miles around our school." in drawing
    browser.get("/search?q=phonics+within+10+miles+of+us&sort=newest")
    assert titles(browser) == ["Phonics 3", "Phonics 1"]
    sorts = browser.page.select_one(".search-sorts").get_text()
    assert "nearest" in sorts
    assert "best fit" not in sorts


def test_a_postcode_among_the_words_is_said_and_can_be_a_word(town: Town) -> None:
    with saved(town.app):
        at = {"easting": 430_000, "northing": 400_000}
        posted(actor_for(joined_school(postcode="NG2 6FF", **at)), title="Phonics there")
        posted(town.other(1), title="Phonics here")
    browser = town.browser().get("/search?q=phonics+ng26ff")
    assert titles(browser) == ["Phonics there", "Phonics here"]
    note = " ".join(browser.page.select_one(".search-note").get_text().split())
    assert note == (
        "These are from NG2 6FF outwards, the nearest first. Search for the word NG2 6FF instead"
    )
    browser.get(browser.page.select_one(".search-note a")["href"])
    assert "Nothing has “ng26ff” in it: these are for the other words." in browser.text
    browser.get("/search?q=phonics+ZZ9+9ZZ")
    assert "We know no school near the postcode ZZ9 9ZZ: these are for the other" in browser.text


def test_hits_of_one_school_do_not_cover_each_other(town: Town) -> None:
    with saved(town.app):
        other = town.other(2)
        for number in range(6):
            posted(other, title=f"Phonics {number}")
    page = town.browser().get("/search?q=phonics").page
    places = {(dot["cx"], dot["cy"]) for dot in page.select(".map-hit circle")}
    assert len(places) == 6


def test_pages_say_where_they_are_and_what_cannot_be_paged_to(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "PAGE", 2)
    monkeypatch.setattr("marketplace.search.views.PAGE", 2)
    with saved(town.app):
        other = town.other(2)
        for number in range(5):
            posted(other, title=f"Phonics {number}")
    browser = town.browser().get("/search?q=phonics&sort=nearest")
    assert browser.page.title.get_text() == "phonics: 5 offers – Skillbank"
    seen = titles(browser)
    for expected in ("3–4 of 5", "5–5 of 5"):
        browser.get(browser.page.select_one('.pager a[rel="next"]')["href"])
        assert expected in browser.page.select_one(".pager").get_text()
        seen += titles(browser)
    assert sorted(seen) == [f"Phonics {number}" for number in range(5)]
    assert browser.page.select('.pager a[rel="next"]') == []
    assert browser.page.select_one(".result-number").get_text().endswith("5")
    browser.get(browser.page.select_one('.pager a[rel="prev"]')["href"])
    assert "3–4 of 5" in browser.page.select_one(".pager").get_text()
    monkeypatch.setattr(searching, "MOST_PAGED", 3)
    monkeypatch.setattr("marketplace.search.views.MOST_PAGED", 3)
    browser.get("/search?q=phonics&after=2")
    assert browser.page.select('.pager a[rel="next"]') == []
    assert "The first 3 can be paged through" in browser.text


def test_a_search_that_nothing_answers_has_ways_on(town: Town) -> None:
    with saved(town.app):
        posted(town.other(3), title="Reading for pleasure", topics=("reading",), phases=("ks1",))
        posted(town.other(9), title="A library", topics=("reading",), phases=("ks1",))
    browser = town.browser().get("/search?q=reading&phase=ks4&setting=rural&region=London")
    assert titles(browser) == []
    ways = {link.get_text(): link["href"] for link in browser.page.select(".dead-end li a")}
    assert set(ways) == {"Without any filter (2)", "Reading (2)"}
    assert "2 schools within 20 miles offer it" in browser.text
    assert "Near to it" in browser.text
    assert len(titles(browser.get(ways["Without any filter (2)"]))) == 2
    assert len(titles(browser.get(ways["Reading (2)"]))) == 2
    browser.get("/search?q=reading&phase=ks4")
    assert "Any phase (2)" in browser.text
    post = browser.page.find("a", string="Post a request")["href"]
    assert parse_qs(urlsplit(post).query) == {"kind": ["request"], "title": ["reading"]}
    form = browser.get(post).page
    assert form.select_one("#title")["value"] == "reading"
    assert form.select_one("[name=kind][checked]")["value"] == "request"


@pytest.mark.parametrize("typed", ["xqzzkw", "語音教學", "фонетика", "🦄🦄", "zzz qqq vvv"])
def test_a_word_that_nobody_knows_is_no_dead_end(town: Town, typed: str) -> None:
    with saved(town.app):
        posted(town.other(3), title="Choir", topics=("music",))
    browser = town.browser().get(f"/search?q={typed}")
    assert browser.status == 200
    if not titles(browser):
        ways = browser.page.select_one(".dead-end").get_text()
        assert "What schools have most of" in ways
        assert "Music (1)" in ways


@pytest.mark.parametrize(
    "query",
    [
        "q=" + "x" * 6000,
        'q="phonics*:NEAR(',
        "q=AND&near=NOT",
        "q=phonics&near=%F0%9F%A6%84&within=5",
        "within=5&near=" + "y" * 3000,
        "region=London&region=North+East&setting=rural&setting=urban&size=large&within=5",
        "topic=" + "&topic=".join(["phonics"] * 300),
        "after=99999999999999999999",
        "after=9999",
        "after=-1&sort=nonsense&within=7&mode=<script>",
        "q=<script>alert(1)</script>",
    ],
)
def test_odd_searches_get_a_page(town: Town, query: str) -> None:
    with saved(town.app):
        posted(town.other(3))
    browser = town.browser().get(f"/search?{query}")
    assert browser.status == 200
    assert browser.page.select_one("input[name=q]") is not None
    assert browser.page.find("script", string=True) is None


def test_filters_are_kept_while_a_place_is_put_right(town: Town) -> None:
    with saved(town.app):
        posted(town.other(3), title="Phonics")
    browser = town.browser().get("/search?q=phonics&near=Atlantis&topic=phonics&phase=ks1")
    form = browser.page.select_one("#search-form")
    kept = {one["value"] for one in form.select("input[type=hidden]")}
    assert kept == {"phonics", "ks1"}
    browser.get("/search?q=phonics&topic=phonics&phase=ks1")
    assert titles(browser) == ["Phonics"]
    assert [one["name"] for one in browser.page.select("input[checked]")] == ["topic", "phase"]


def test_the_way_back_from_a_listing_keeps_the_search(town: Town) -> None:
    with saved(town.app):
        posted(town.other(3), title="Phonics & more")
    browser = town.browser().get("/search?q=phonics+%26+more&phase=ks1&within=10&sort=nearest")
    browser.get(browser.page.select_one(".result h3 a")["href"])
    back = browser.page.select_one(".back a")
    assert back.get_text() == "Back to the search"
    browser.get(back["href"])
    assert titles(browser) == ["Phonics & more"]
    assert browser.page.select_one("#q")["value"] == "phonics & more"
    chips = [chip.find(string=True).strip() for chip in browser.page.select(".search-chips li a")]
    assert chips == ["Key Stage 1", "Within 10 miles"]


def test_the_way_back_is_kept_while_one_asks_and_proposes(town: Town) -> None:
    with saved(town.app):
        posted(town.other(3), title="Phonics")
    browser = town.browser().get("/search?q=phonics&within=10")
    browser.get(browser.page.select_one(".result h3 a")["href"])
    follow(browser, "Ask a question")
    assert follow(browser, "Phonics").page.select_one(".back a").get_text() == "Back to the search"
    follow(browser, "Ask a question").submit("Send", body="May we?").submit("Send", body="Soon?")
    back = browser.page.select_one(".back a")["href"]
    assert back == "/search?q=phonics&within=10"
    assert follow(follow(browser, "Propose an exchange"), "Back").path.startswith("/messages/")
    assert browser.page.select_one(".back a")["href"] == back


def test_offers_of_other_schools_that_may_be_asked_can_be_ticked(town: Town) -> None:
    with saved(town.app) as session:
        resting = town.other(5)
        posted(town.other(3), title="To ask")
        posted(town.kin, title="Of our trust")
        posted(town.us, title="Ours")
        posted(resting, title="Not now")
        posted(town.other(6), title="Sought", kind="request")
        answer(session, resting, "no")

    def ticks(kind: str) -> set[str]:
        rows = browser.get(f"/search?q=phonics&kind={kind}").page.select(".result")
        return {row.h3.a.get_text() for row in rows if row.select(".result-tick")}

    browser = town.browser()
    assert ticks("offer") == {"To ask"}
    assert ticks("ours") == {"Of our trust"}
    assert ticks("request") == set()
    assert "Ask the ones ticked" not in browser.buttons
    browser.be(town.network)
    assert ticks("offer") == set()


def follow(browser: Browser, label: str) -> Browser:
    """Follow the first link with this label in what the page is about."""
    links = browser.page.select("main a")
    return browser.get(next(link["href"] for link in links if link.get_text(strip=True) == label))


def test_the_way_back_from_a_later_page_leads_to_that_page(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "PAGE", 2)
    with saved(town.app):
        other = town.other(3)
        for number in range(3):
            posted(other, title=f"Phonics {number}")
    browser = town.browser().get("/search?q=phonics&after=2")
    [title] = titles(browser)
    browser.get(browser.page.select_one(".result h3 a")["href"])
    browser.get(browser.page.select_one(".back a")["href"])
    assert titles(browser) == [title]


def test_a_row_says_how_often_an_offer_was_given_or_how_old_it_is(town: Town) -> None:
    with saved(town.app) as session:
        other = town.other(3)
        posted(other, title="Nobody had it")
        old = posted(other, title="Stands for long")
        old.created_at -= timedelta(days=200)
        brought_to(State.CONFIRMED, other, town.us)
        count_record(session, other.school())
    browser = town.browser().get("/search?sort=newest")
    said = [row.select("small")[-1].get_text() for row in browser.page.select(".result")]
    assert said[0] == "given once"
    assert said[1].startswith("posted ")
    assert said[2] == "new"


def test_colleagues_who_know_it_stand_beside_what_others_offer(town: Town) -> None:
    with saved(town.app):
        posted(town.other(3), title="Phonics")
        shared(town.us)
        shared(town.kin, topics=("phonics", "music"))
        shared(town.kin, reach=Reach.SCHOOL, words="For our own school.")
        shared(town.other(3))
    browser = town.browser().get("/search?q=phonics")
    strip = browser.page.select_one(".search-ours")
    assert strip.find("h2").get_text() == "2 colleagues of yours know this"
    named = [row.get_text() for row in strip.select("li")]
    assert named == [f"{town.us.person_name}, our school", f"{town.kin.person_name}, Kin School"]
    browser.get(strip.find("h2").find("a")["href"])
    assert browser.status == 200
    assert town.kin.person_name in browser.text
    strip = Browser(town.client).be(town.us).get("/search?topic=music").page
    assert "1 colleague of yours knows this" in strip.select_one(".search-ours").get_text()
    assert not browser.get("/search?q=drama").page.select(".search-ours")
    assert not browser.be(town.network).get("/search?q=phonics").page.select(".search-ours")


def test_what_costs_nothing_in_our_trust_says_so(town: Town) -> None:
    with saved(town.app):
        posted(town.us, title="Ours")
        posted(town.kin, title="Of our trust")
        posted(town.kin, title="Sought by our trust", kind="request")

    def costs(browser: Browser) -> dict[str, str]:
        browser.get("/search?kind=ours")
        return {
            row.select_one("h3 a").get_text(): row.select_one(".result-cost strong").get_text()
            for row in browser.page.select(".result")
        }

    before = costs(town.browser())
    assert before["Ours"] == "Free"
    assert before["Of our trust"] != "Free"
    with saved(town.app):
        decided(town.us, free=True)
    after = costs(town.browser())
    assert (after["Ours"], after["Of our trust"]) == ("Free", "Free")
    assert after["Sought by our trust"] == before["Sought by our trust"] != "Free"


def test_a_school_is_found_by_its_name_though_it_offers_nothing(town: Town) -> None:
    with saved(town.app) as session:
        posted(town.other(3), title="Phonics")
        quiet = joined_school(name="Hillfields Nursery School", town="Coventry")
        index_schools(session, [quiet.urn])
    browser = town.browser().get("/search?q=hillfields+nursery")
    [link] = browser.page.select(f".search-note a[href='/schools/{quiet.urn}']")
    assert link.get_text() == "Hillfields Nursery School"
    assert not browser.get("/search?q=phonics").page.select(".search-note a[href^='/schools/']")


def test_where_nothing_fits_it_leads_to_what_our_own_schools_have(town: Town) -> None:
    with saved(town.app):
        posted(town.kin, title="Of our trust")
        posted(town.other(3), title="Music", topics=("music",))
    browser = town.browser().get("/search?q=kin+school")
    [way] = browser.page.select(".dead-end li a[href*='kind=ours']")
    assert way.get_text() == "Our school and trust (1)"
    assert titles(browser.get(way["href"])) == ["Of our trust"]


@pytest.mark.parametrize(
    "search", ["//evil.example", "javascript:alert(1)", "next=https://evil.example", "x" * 9000, ""]
)
def test_the_way_back_leads_nowhere_else(town: Town, search: str) -> None:
    with saved(town.app):
        listing_id = posted(town.other(3)).id
    browser = town.browser().get(f"/listings/{listing_id}?search={search}")
    back = browser.page.select_one(".back a")
    assert (back["href"], back.get_text()) == ("/search", "Find help")


def test_near_a_region_is_what_is_in_it(town: Town) -> None:
    with saved(town.app):
        there = actor_for(joined_school(region="South West", easting=350_000, northing=400_000))
        posted(there, title="There")
        posted(town.other(5), title="Here")
    browser = town.browser().get("/search?near=the+south+west&within=10")
    assert titles(browser) == ["There"]
    assert "We show everything in the South West: a region has no distance." in browser.text
    chips = [chip.get_text() for chip in browser.page.select(".search-chips li")]
    assert [chip.split(":")[0] for chip in chips] == ["In the South West"]
