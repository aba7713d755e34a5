"""The part of a form that says who may see something: in words, with the number of schools."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from marketplace.accounts.actor import Actor
from marketplace.application import Skillbank
from marketplace.audiences.audience import Audience, Reach
from marketplace.audiences.words import OwnerNames, in_words, kinds_of
from marketplace.listings.models import Listing
from marketplace.schools.traits import NO_TRAITS, Trait
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.audiences.factories import founded
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.schools.factories import LocalAuthorityFactory, TrustFactory

SHOW = "Show who sees it"
NAMES = OwnerNames("Oak Trust", "Leicester", "East Midlands", {7: "Maths Hub", 8: "Music Hub"})
TYPED = {
    "title": "Phonics coaching",
    "description": "A colleague coaches.",
    "topics": ["phonics"],
    "phases": ["ks1"],
    "minutes": "3",
}


@pytest.fixture
def us(app: Skillbank) -> Actor:
    """A coordinator in Salford, with three other schools in and one outside of it."""
    with saved(app):
        trust = TrustFactory(name="Oak Trust")
        bury = LocalAuthorityFactory(code="351", name="Bury")
        actor = actor_for(joined_school(trust=trust, size_band="small"))
        joined_school(phase="secondary", trust=trust)
        joined_school(size_band="small", easting=390_000, northing=398_000)
        joined_school(size_band="large", religious_character="Church of England")
        joined_school(local_authority=bury, region="South East", easting=530_000, northing=180_000)
        return actor


@pytest.mark.parametrize(
    ("chosen", "words", "count"),
    [
        ({"audience": "national"}, "Every school of the network", 4),
        ({"audience": "region"}, "Schools in the North West", 3),
        ({"audience": "local_authority"}, "Schools of Salford", 3),
        ({"audience": "trust"}, "Schools of Oak Trust", 1),
        ({"audience": "near", "audience_miles": "5"}, "Schools within 5 miles of yours", 2),
        ({"audience": "near", "audience_miles": "10"}, "Schools within 10 miles of yours", 3),
        (
            {"audience": "local_authority", "audience_only": [str(int(Trait.PRIMARY))]},
            "Primary schools of Salford",
            2,
        ),
        (
            {"audience": "national", "audience_only": [str(int(Trait.FAITH))]},
            "Schools with a religious character of the network",
            1,
        ),
        (
            {"audience": "local_authority", "audience_alike": "y"},
            "Mainstream primary schools with 100 to 249 pupils of Salford",
            1,
        ),
    ],
)
def test_before_it_is_posted_the_page_says_who_will_see_it_and_how_many_schools_that_is(
    app: Skillbank,
    client: FlaskClient,
    us: Actor,
    chosen: dict[str, str | list[str]],
    words: str,
    count: int,
) -> None:
    browser = Browser(client).be(us).get("/listings/new")
    browser.submit(SHOW, **TYPED, **chosen)
    said = browser.page.select_one(".audience-preview")
    number = "1 school" if count == 1 else f"{count} schools"
    assert said is not None
    assert said.get_text().split() == f"Who sees it: {words} · {number} at the moment".split()
    # Nothing is posted and nothing that was typed is lost; then the same goes up.
    assert (browser.status, browser.errors) == (200, [])
    assert browser.page.find(attrs={"name": "title"})["value"] == "Phonics coaching"
    browser.submit("Post it")
    assert browser.heading == "Phonics coaching"
    with saved(app) as session:
        listing = session.get_one(Listing, 1)
        assert listing.audience == chosen["audience"]
    # The form to change it has the same audience.
    again = browser.get("/listings/1/change").page.select_one(".audience-preview")
    assert again is not None
    assert again.get_text() == said.get_text()


def test_the_script_asks_for_the_same(app: Skillbank, client: FlaskClient, us: Actor) -> None:
    Browser(client).be(us)
    answer = client.get("/audiences/who?audience=near&audience_miles=10&audience_only=2").json
    assert "Primary schools within 10 miles of yours" in answer["words"]
    assert answer["count"] == "2 schools at the moment"


@pytest.mark.parametrize(
    "question",
    [
        "",
        "audience=nobody",
        "audience=group&audience_group=1",
        "audience=group&audience_group=-1",
        "audience=group&audience_group=" + "9" * 40,
        "audience=near&audience_miles=4000000000000",
        "audience=near&audience_miles=x",
        "audience=national&audience_only=3&audience_only=x&audience_only=" + "9" * 50,
        "audience=%F0%9F%98%80&audience_only=%E2%80%AE",
    ],
)
def test_whatever_is_asked_there_is_an_answer(
    app: Skillbank, client: FlaskClient, us: Actor, question: str
) -> None:
    Browser(client).be(us)
    answer = client.get(f"/audiences/who?{question}")
    assert answer.status_code == 200
    assert answer.json["words"]


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"audience": "group", "audience_group": "99"}, "Choose a group that your school is in."),
        ({"audience": "near", "audience_miles": "7"}, "Choose within how many miles."),
        ({"audience": "confidential"}, "Only a request can be confidential."),
        ({"audience_only": ["3"]}, "'3' is not a valid choice for this field."),
    ],
)
def test_what_cannot_be_chosen_is_said_at_its_field(
    app: Skillbank, client: FlaskClient, us: Actor, chosen: dict[str, str], message: str
) -> None:
    with saved(app):
        founded(us)
    browser = Browser(client).be(us).get("/listings/new").submit("Post it", **TYPED, **chosen)
    assert browser.status == 422
    assert any(message in error for error in browser.errors), browser.errors


def test_an_offer_for_some_kinds_of_school_is_not_on_the_public_web(
    app: Skillbank, client: FlaskClient, us: Actor
) -> None:
    browser = Browser(client).be(us).get("/listings/new")
    browser.submit("Post it", **TYPED, public="y", audience_only=[str(int(Trait.PRIMARY))])
    assert browser.status == 422
    assert "Only an offer for every school can be on the public web" in browser.errors[0]


def test_what_goes_with_another_choice_does_not_count(app: Skillbank, us: Actor) -> None:
    with saved(app):
        group_id = founded(us).id
    browser = Browser(app.test_client()).be(us).get("/listings/new")
    browser.submit(
        "Post it", **TYPED, audience="school", audience_group=str(group_id), audience_only=["2"]
    )
    with saved(app) as session:
        assert session.get_one(Listing, 1).seen_by == Audience(Reach.SCHOOL)


@pytest.mark.parametrize(
    ("audience", "words"),
    [
        (Audience(Reach.SCHOOL), "Only the staff of your own school"),
        (Audience(Reach.GROUP, group_id=7), "Schools in Maths Hub"),
        (Audience(Reach.GROUP, 7, second_group_id=8), "Schools in Maths Hub or Music Hub"),
        (Audience(Reach.REGION), "Schools in the East Midlands"),
        (
            Audience(Reach.NEAR, miles=20, only=Trait.RURAL | Trait.PRIMARY),
            "Rural primary schools within 20 miles of yours",
        ),
        (
            Audience(only=Trait.SPECIAL | Trait.ALTERNATIVE | Trait.VERY_SMALL),
            "Special or alternative provision schools with fewer than 100 pupils of the network",
        ),
        (
            Audience(Reach.NEAR, miles=10, only=Trait.MAINTAINED | Trait.PRIMARY),
            "Maintained primary schools within 10 miles of yours",
        ),
        (
            Audience(Reach.NEAR, miles=10, only=Trait.MAINTAINED | Trait.ACADEMY),
            "Schools that are maintained or academies or free schools within 10 miles of yours",
        ),
        (Audience(Reach.NEAR, miles=10, only=Trait.COLLEGE), "Colleges within 10 miles of yours"),
    ],
)
def test_an_audience_in_words(audience: Audience, words: str) -> None:
    assert in_words(audience, NAMES) == words


def test_every_trait_has_words() -> None:
    for trait in Trait:
        assert kinds_of(trait) not in ("", "schools"), trait
    assert kinds_of(NO_TRAITS) == ""


def test_the_page_of_a_listing_names_its_group(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        us = actor_for(joined_school())
        group = founded(us, name="Maths Hub")
        posted(us, audience=Audience(Reach.GROUP, group_id=group.id))
        other = founded(us, name="Music Hub")
    browser = Browser(client).be(us)
    assert "Schools of Maths Hub" in browser.get("/listings/1").text
    browser.get("/listings/1/change").submit(
        "Save the changes", audience_second_group=str(other.id)
    )
    assert "Schools of Maths Hub and Music Hub" in browser.text
    browser.get("/listings/1/change")
    browser.submit("Save the changes", audience_second_group=str(group.id))
    assert browser.status == 422
    assert "Choose another group that your school is in." in browser.text
