"""Offers on the public web: a further choice of their school, for offers only, undone at once."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts.actor import Actor
from marketplace.application import Skillbank
from marketplace.audiences.audience import Reach
from marketplace.listings.models import Kind, Listing
from marketplace.listings.queries import get_own_listing
from marketplace.listings.service import (
    change_listing,
    reopen_listing,
    withdraw_listing,
    withdraw_listings_of,
)
from marketplace.pages.site_files import PUBLIC_PAGES
from marketplace.schools.models import School
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import draft, posted
from tests.marketplace.network.factories import joined_school


@pytest.fixture
def us(app: Skillbank) -> Actor:
    with saved(app):
        return actor_for(joined_school(name="Hope Primary", town="Bury"))


def on_the_web(app: Skillbank, offer_id: int) -> bool:
    """Whether anybody can read the offer, on its page and in the list, which have to agree."""
    browser = Browser(app.test_client())
    listed = f"/offers/{offer_id}" in [
        link["href"] for link in browser.get("/offers").page.select("main a")
    ]
    assert (browser.get(f"/offers/{offer_id}").status == 200) is listed
    return listed


def test_nothing_is_public_unless_its_school_says_so(
    app: Skillbank, client: FlaskClient, us: Actor
) -> None:
    browser = Browser(client).be(us).get("/listings/new")
    assert "public" not in browser.values("Post it")
    assert "Only people who are signed in see it" in browser.text
    assert "network’s operator and auditors can read everything that is for other" in browser.text
    assert "only with a support access, which your administrators see" in browser.text
    words = draft()
    answers = {
        "title": words.title,
        "description": words.description,
        "topics": list(words.topics),
        "phases": list(words.phases),
        "minutes": "3",
    }
    browser.submit("Post it", **answers)
    assert browser.status == 200
    assert not on_the_web(app, int(browser.path.rpartition("/")[2]))
    browser.get("/listings/new").submit("Post it", public="y", **answers)
    assert "Every school, and on the public web" in browser.text
    assert on_the_web(app, int(browser.path.rpartition("/")[2]))


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        (
            {"kind": Kind.REQUEST},
            "Only an offer can be on the public web. A request never is: leave this unticked.",
        ),
        (
            {"audience": Reach.REGION},
            "Only an offer for every school can be on the public web: choose “Every school”, or"
            " leave this unticked.",
        ),
    ],
)
def test_what_is_not_an_offer_for_every_school_stays_inside(
    app: Skillbank, client: FlaskClient, us: Actor, answers: dict[str, str], error: str
) -> None:
    with saved(app):
        listing_id = posted(us, public=True).id
    browser = Browser(client).be(us).get(f"/listings/{listing_id}/change")
    assert browser.values("Save the changes")["public"] == ["y"]
    browser.submit("Save the changes", **answers)
    assert (browser.status, browser.errors) == (422, [error])
    browser.submit("Save the changes", public=None)
    assert browser.status == 200
    assert not on_the_web(app, listing_id)


@pytest.mark.parametrize(
    "change",
    [{"kind": "request"}, {"audience": "region"}, {"status": "withdrawn"}],
)
def test_the_database_keeps_it_inside_as_well(
    app: Skillbank, us: Actor, change: dict[str, str]
) -> None:
    with saved(app) as session:
        listing_id = posted(us, public=True).id
        session.commit()
        with pytest.raises(sa.exc.IntegrityError, match="public_offers"):
            session.execute(sa.update(Listing).where(Listing.id == listing_id).values(**change))
        session.rollback()


def test_anybody_reads_the_title_and_the_school_and_nothing_more(
    app: Skillbank, client: FlaskClient, us: Actor
) -> None:
    with saved(app):
        offer_id = posted(
            us,
            public=True,
            title="Phonics coaching",
            description="Ask for Mrs Secret, who saves you 3 hours.",
            minutes=675,
        ).id
    browser = Browser(client)
    for path in ("/offers", f"/offers/{offer_id}"):
        browser.get(path)
        for words in ("Phonics coaching", "Hope Primary", "Bury", "Phonics and early reading"):
            assert words in browser.text, path
        assert "Key Stage 1" in browser.text
        for words in ("Secret", "11¼", "mile", us.person_name):
            assert words not in browser.answer.text, (path, words)
            assert not browser.page.select("main form:not([method=get])")
        assert browser.page.select_one("meta[name=robots]")["content"] == "index, follow"
    links = {link.get_text(strip=True): link["href"] for link in browser.page.select("main a")}
    assert links["Sign in to read all of it"] == f"/sign-in?next=/listings/{offer_id}"
    assert links["Is your school in?"] == "/"
    browser.be(us).get(f"/offers/{offer_id}")
    assert browser.page.select_one(f'main a[href="/listings/{offer_id}"]')


def test_only_public_pages_are_for_search_engines(
    app: Skillbank, client: FlaskClient, us: Actor
) -> None:
    with saved(app):
        for number in range(31):
            posted(us, public=True, title=f"Offer {number}")
    browser = Browser(client)
    robots = {}
    public = [path.rstrip("$") for path in PUBLIC_PAGES]
    private = ["/sign-in", "/nothing-here", "/help?q=travel"]
    for path in [*public, "/help/joining", *private]:
        robots[path] = browser.get(path).page.select_one("meta[name=robots]")["content"]
    listed = {path for path, content in robots.items() if content == "index, follow"}
    assert listed == {*public, "/help/joining"}
    further = browser.get("/offers").page.select_one("a[rel=next]")["href"]
    browser.get(further)
    assert browser.page.select_one("meta[name=robots]")["content"] == "noindex, follow"
    assert "Offer 0" in browser.text
    browser.be(us).get("/home")
    assert browser.page.select_one("meta[name=robots]")["content"] == "noindex"


@pytest.mark.parametrize("how", ["withdrawn", "school closed", "school left", "no longer public"])
def test_it_leaves_the_web_at_once(app: Skillbank, us: Actor, how: str) -> None:
    with saved(app) as session:
        listing = posted(us, public=True)
    assert on_the_web(app, listing.id)
    with saved(app) as session:
        listing = get_own_listing(session, listing.id, us)
        school = session.get_one(School, us.urn)
        if how == "withdrawn":
            withdraw_listing(session, us, listing)
        elif how == "school closed":
            school.status = "closed"
        elif how == "school left":
            school.joined_at = None
        else:
            change_listing(session, us, listing, draft(public=False), version=1)
    assert not on_the_web(app, listing.id)


@pytest.mark.parametrize("by_itself", [True, False])
def test_what_is_opened_again_is_not_public_again(
    app: Skillbank, us: Actor, by_itself: bool
) -> None:
    with saved(app) as session:
        listing = posted(us, public=True)
        if by_itself:
            withdraw_listings_of(session, [us.school()])
        else:
            withdraw_listing(session, us, listing)
        reopen_listing(session, us, listing)
    assert not on_the_web(app, listing.id)


def test_the_front_page_leads_there_and_counts_what_schools_can_see(
    app: Skillbank, client: FlaskClient, us: Actor
) -> None:
    with saved(app):
        posted(us)
        posted(us, audience=Reach.SCHOOL)
    browser = Browser(client).get("/")
    assert browser.page.select_one('main a[href="/offers"]')
    assert "open offers 1" in browser.text
    assert browser.get("/offers").text.count("No offers here yet") == 1


def test_a_visitor_finds_offers_by_what_everybody_reads_of_them(
    app: Skillbank, client: FlaskClient, us: Actor
) -> None:
    with saved(app):
        text = {"title": "Daily lessons, 100 % calm", "description": "With a secret recipe."}
        shown = posted(us, public=True, topics=("phonics",), **text).id
        posted(us, topics=("phonics",), **text)
    browser = Browser(client)

    def found(asked: str) -> list[str]:
        links = browser.get(f"/offers?{asked}").page.select(".row-link")
        return [link["href"] for link in links]

    for asked in ("q=DAILY", "q=phonics", "q=bury+calm", "q=hope", "topic=phonics", "q=100+%25"):
        assert found(asked) == [f"/offers/{shown}"], asked
    for asked in ("q=secret", "q=recipe", "topic=maths", "q=1_0", "q=zz'\"😀"):
        assert found(asked) == [], asked
        assert "Nothing that is shown to everybody" in browser.text
    # The way on: the same search, once one is signed in.
    found("q=secret&topic=phonics")
    way = browser.page.select_one(".page-head a, main a.btn-primary")["href"]
    assert way == "/sign-in?next=/search?q%3Dsecret%26topic%3Dphonics"
    assert found("topic=no-topic&after=zz") == [f"/offers/{shown}"]
    browser.get("/")
    assert browser.page.select_one("form.hero-search")["action"] == "/offers"
