"""A school's page: what the register says of it, seen from one's own school."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from marketplace.application import Skillbank
from marketplace.pages import school
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school

METRES_IN_12_MILES = 19_312


@pytest.mark.parametrize(
    ("own", "east", "words"),
    [
        (True, 0, []),
        (False, METRES_IN_12_MILES, ["12 miles"]),
        (False, 0, ["under 1 mile"]),
        (False, None, []),
    ],
)
@pytest.mark.parametrize("page", ["/schools/{urn}", "/listings/{listing}"])
def test_another_school_says_how_far_it_is(
    app: Skillbank, client: FlaskClient, page: str, own: bool, east: int | None, words: list[str]
) -> None:
    with saved(app):
        actor = actor_for(joined_school())
        position = (None, None) if east is None else (380_000 + east, 398_000)
        other = joined_school(easting=position[0], northing=position[1])
        owner = actor if own else actor_for(other)
        path = page.format(urn=owner.urn, listing=posted(owner).id)
    text = Browser(client).be(actor).get(path).page.find("main").get_text(" ")
    assert [phrase for phrase in ("12 miles", "under 1 mile") if phrase in text] == words


def test_a_school_with_many_listings_shows_the_newest_and_then_all(
    app: Skillbank, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(school, "LISTINGS_SHOWN", 2)
    with saved(app):
        owner = actor_for(joined_school())
        titles = [posted(owner, title=f"Reading in year {year}").title for year in (1, 2, 3)]
    page = Browser(client).be(owner).get(f"/schools/{owner.urn}").page
    assert [title for title in titles if title in page.text] == titles[1:]
    link = page.find("a", string="Show all of its offers and requests")
    page = Browser(client).be(owner).get(link["href"]).page
    assert [title for title in titles if title in page.text] == titles
    assert page.find("a", string="Show all of its offers and requests") is None


def test_one_asks_a_school_about_what_it_offers(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        reader, owner = actor_for(joined_school()), actor_for(joined_school())
        posted(owner, mode="on_site")
    page = Browser(client).be(reader).get(f"/schools/{owner.urn}").page
    assert page.select_one(page.find("a", string="Ask this school")["href"]) is not None
    assert page.find(class_="school-listing-where").text == "At your school"
    page = Browser(client).be(owner).get(f"/schools/{owner.urn}").page
    assert page.find("a", string="Ask this school") is None
    assert page.find(class_="school-listing-where").text == "At the other school"
