"""The form of a listing: what is wrong is said, and what was typed stays."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts.actor import Actor
from marketplace.application import Skillbank
from marketplace.conversations.service import ask
from marketplace.errors import Refusal
from marketplace.listings.models import Listing, ListingStatus
from marketplace.schools.models import School
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.search.factories import indexed

GOOD: dict[str, Any] = {
    "kind": "offer",
    "title": "Phonics coaching",
    "description": "A colleague comes.\r\n\r\nBring your plans. 🎓",
    "topics": ["phonics"],
    "phases": ["ks1"],
    "mode": "on_site",
    "minutes": "1.5",
    "audience": "national",
}

NO_CHOICE = ("gift", "everybody", "by post")


@pytest.fixture
def us(app: Skillbank) -> Actor:
    with saved(app) as session:
        indexed(session)
        return actor_for(joined_school(name="Hope Primary"))


@pytest.fixture
def browser(client: FlaskClient, us: Actor) -> Browser:
    return Browser(client).be(us)


def listings(app: Skillbank) -> list[Listing]:
    with saved(app) as session:
        return list(session.scalars(sa.select(Listing).order_by(Listing.id)))


def bare(text: str) -> str:
    """What was typed, but for what a form may tidy."""
    return text.strip().replace("\r", "")


def test_a_listing_is_posted_and_found(app: Skillbank, browser: Browser) -> None:
    browser.get("/listings/new?kind=offer").submit("Post it", **GOOD)
    assert browser.flashes == ["Your offer is up: others can find it now."]
    assert browser.heading == "Phonics coaching"
    assert "1½ credits" in browser.text
    assert "Bring your plans. 🎓" in browser.text
    assert "Phonics coaching" in browser.get("/search?q=coaching").text
    assert "Phonics coaching" in browser.get("/listings").text


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"title": ""}, "Title: write something here."),
        ({"title": " \t "}, "Title: write something here."),
        ({"title": "x" * 101}, "Title: use at most 100 characters."),
        (
            {"title": "a\0b"},
            "Title: delete what cannot be shown (U+0000).",
        ),
        ({"title": "\u200b\u3164\u2800"}, "Title: write something here."),
        ({"title": "two\nlines"}, "Title: delete what cannot be shown (U+000A)."),
        ({"title": "Phonics \u202edne"}, "Title: delete what cannot be shown (U+202E)."),
        ({"description": "\u2800\n\u200b"}, "Description: write something here."),
        ({"description": "\r\n"}, "Description: write something here."),
        ({"title": "😀"}, "Say in the title what it is"),
        ({"title": "xxxxxxxx"}, "Say in the title what it is"),
        ({"title": "7 – 9!"}, "Say in the title what it is"),
        ({"description": "😀"}, "Say in a sentence what happens"),
        ({"description": "x" * 300}, "Say in a sentence what happens"),
        ({"description": "Good help"}, "Say in a sentence what happens"),
        ({"description": "x" * 4001}, "It has 1 too many."),
        ({"description": "x" * 4001}, "Description: use at most 4,000 characters."),
        ({"topics": None}, "Choose at least one topic."),
        (
            {"topics": ["phonics", "send", "mfl", "reading", "maths", "science"]},
            "Choose at most 5 topics; you chose 6.",
        ),
        ({"phases": None}, "Choose at least one phase."),
        ({"kind": "gift"}, "What is it? Choose one."),
        ({"mode": "by post"}, "Where does it happen? Choose one."),
        ({"audience": "everybody"}, "Who may see it? Choose one."),
        ({"minutes": ""}, "Credits: write hours as a number"),
        ({"minutes": "an hour"}, "Credits: write hours as a number"),
        ({"minutes": "0"}, "The credits must be more than zero."),
        ({"minutes": "-2"}, "The credits must be more than zero."),
        ({"minutes": "1.3"}, "Credits go in steps of 15 minutes"),
        ({"minutes": "100.25"}, "One exchange may cost at most 100 credits."),
        ({"minutes": "9" * 400}, "Credits: write hours as a number"),
        ({"minutes": "🎓"}, "Credits: write hours as a number"),
        ({"audience": "trust"}, "Your school belongs to no trust in the register"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    app: Skillbank, browser: Browser, wrong: dict[str, Any], message: str
) -> None:
    browser.get("/listings/new").submit("Post it", **(GOOD | wrong))
    assert browser.status == 422
    assert message in " ".join(browser.errors)
    assert listings(app) == []
    kept = browser.values("Post it")
    for name, value in (GOOD | wrong).items():
        if name in wrong and (value is None or value in NO_CHOICE or "\0" in value):
            continue
        sent = value if isinstance(value, list) else [value]
        assert sorted(bare(one) for one in kept.get(name, [])) == sorted(bare(one) for one in sent)
    link = browser.page.select_one(".error-summary a")
    assert browser.page.select(link["href"])


@pytest.mark.parametrize(
    ("typed", "minutes"), [("1½", 90), ("0:45", 45), ("2,25", 135), ("¼", 15), ("100", 6000)]
)
def test_credits_are_written_in_many_ways(
    app: Skillbank, browser: Browser, typed: str, minutes: int
) -> None:
    browser.get("/listings/new").submit("Post it", **(GOOD | {"minutes": typed}))
    assert [one.minutes for one in listings(app)] == [minutes]


def test_a_double_click_posts_once(app: Skillbank, browser: Browser) -> None:
    values = browser.get("/listings/new").values("Post it")
    values |= {n: v if isinstance(v, list) else [v] for n, v in GOOD.items()}
    paths = [browser.post("/listings/new", values).path for _ in range(2)]
    assert paths[0] == paths[1]
    assert len(listings(app)) == 1


def test_a_colleagues_change_is_not_overwritten_unseen(
    app: Skillbank, us: Actor, browser: Browser
) -> None:
    with saved(app) as session:
        path = f"/listings/{posted(us).id}/change"
        colleague = Browser(app.test_client()).be(
            actor_for(session.scalars(sa.select(School)).one())
        )
    browser.get(path)
    colleague.get(path).submit("Save the changes", title="Theirs")
    assert colleague.flashes == ["Changed."]
    browser.submit("Save the changes", title="")
    assert browser.status == 422
    browser.submit("Save the changes", title="Ours")
    assert browser.status == 409
    assert "A colleague has changed this listing since you opened it." in browser.errors[0]
    assert browser.values("Save the changes")["title"] == ["Ours"]
    assert listings(app)[0].title == "Theirs"
    browser.submit("Save the changes")
    assert (listings(app)[0].title, listings(app)[0].version) == ("Ours", 3)


def test_a_listing_is_withdrawn_and_put_up_again(
    app: Skillbank, us: Actor, browser: Browser
) -> None:
    with saved(app):
        listing_id = posted(us).id
    browser.get(f"/listings/{listing_id}").submit("Withdraw it")
    assert listings(app)[0].status == ListingStatus.WITHDRAWN
    assert browser.get("/search?kind=ours").page.select(".result") == []
    assert "Phonics coaching" in browser.get("/listings?show=withdrawn").text
    browser.get(f"/listings/{listing_id}").submit("Put it up again")
    assert listings(app)[0].status == ListingStatus.OPEN


def test_own_and_withdrawn_listings_cannot_be_asked_about(
    app: Skillbank, us: Actor, browser: Browser
) -> None:
    with saved(app):
        own = posted(us).id
        other = posted(actor_for(joined_school()), title="Theirs").id
    for step in ("ask", "propose"):
        browser.get(f"/listings/{own}/{step}")
        assert browser.path == f"/listings/{own}"
    assert "Ask your colleague: help inside your school costs nothing" in browser.text
    with saved(app) as session, pytest.raises(Refusal, match="ask your colleague"):
        ask(session, us, session.get_one(Listing, own), "Hello?", idempotency_key="k" * 16)
    browser.get(f"/listings/{other}/ask")
    with saved(app) as session:
        session.get_one(Listing, other).status = ListingStatus.WITHDRAWN
    browser.submit("Send", body="Hello?")
    assert browser.status == 422
    assert "has been withdrawn" in browser.errors[0]
    assert browser.values("Send")["body"] == ["Hello?"]


def _open_folds(browser: Browser) -> list[str]:
    """What stands over those parts of the form that are open, from the beginning to a colon."""
    return [
        fold.summary.get_text().strip().partition(":")[0]
        for fold in browser.page.select(".fold")
        if fold.has_attr("open")
    ]


def test_what_most_people_leave_alone_is_folded_until_it_is_filled_in_or_wrong(
    browser: Browser,
) -> None:
    browser.get("/listings/new")
    assert len(browser.page.select(".fold")) == 4
    assert _open_folds(browser) == []
    browser.submit("Post it", **{**GOOD, "title": ""}, weekdays=["1"], capacity="many")
    assert _open_folds(browser) == ["When", "How"]


def test_who_sees_it_is_said_before_the_title_and_opens_to_change_it(browser: Browser) -> None:
    browser.get("/listings/new")
    fold = browser.page.select_one("#step-who")
    assert fold is not None
    assert fold.summary is not None
    assert "Who sees it: Every school of the network · 0 schools" in fold.summary.get_text()
    assert fold.select_one("[name=audience]") is not None
    text = str(browser.page)
    assert text.index('id="step-who"') < text.index('name="title"')
    browser.submit("Show who sees it", audience="school")
    fold = browser.page.select_one("#step-who")
    assert fold is not None
    assert fold.summary is not None
    assert fold.has_attr("open")
    assert "Only the staff of your own school" in fold.summary.get_text()


def test_only_an_offer_speaks_of_the_public_web(browser: Browser) -> None:
    box = browser.get("/listings/new?kind=request").page.select_one("[name=public]")
    assert box is not None
    assert box.find_parent(class_="only-offer") is not None
    # Where the tick is what is wrong, it must be there to be taken away.
    browser.submit("Post it", **{**GOOD, "kind": "request"}, public="y")
    box = browser.page.select_one("[name=public]")
    assert box is not None
    assert box.find_parent(class_="only-offer") is None
