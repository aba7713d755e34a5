"""What a listing says besides its text, how long it lasts, and how far a request is met."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.calendar.half_terms import half_terms_from
from marketplace.clock import today
from marketplace.conversations.service import ask
from marketplace.errors import Refusal
from marketplace.listings.detail_models import ListingDetails, Met
from marketplace.listings.details import Details, details_of
from marketplace.listings.lasting import expire_listings, mark_met, renew_listing
from marketplace.listings.models import Listing
from marketplace.listings.service import reopen_listing, withdraw_listing
from marketplace.outbox.models import OutboxEvent
from marketplace.schools.models import School
from tests.marketplace.accounts.factories import actor_for, staff
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.listings.test_forms import GOOD
from tests.marketplace.network.factories import joined_school

THIS, NEXT = (one.key for one in half_terms_from(today(), 2))
SOON = today() + timedelta(days=20)
FULL: dict[str, Any] = {
    "format": "coaching",
    "duration_minutes": 90,
    "capacity": 12,
    "delivered_by": "our English lead",
    "weekdays": (1, 3),
    "half_terms": (THIS, NEXT),
    "expires_on": SOON,
}


@pytest.fixture
def us(app: Skillbank) -> Actor:
    with saved(app):
        return actor_for(joined_school(name="Hope Primary"))


@pytest.fixture
def browser(client: FlaskClient, us: Actor) -> Browser:
    return Browser(client).be(us)


def test_what_is_filled_in_stands_on_the_page_and_in_the_form_again(
    app: Skillbank, us: Actor, browser: Browser
) -> None:
    with saved(app) as session:
        school = _school(session, us)
        staff(school, Role.MEMBER, name="Nia Named", listed_at=clock.now())
        staff(school, Role.MEMBER, name="Hal Hidden")
    browser.get("/listings/new?kind=offer")
    assert "Nia Named" in browser.text
    assert "Hal Hidden" not in browser.text
    person = next(box["value"] for box in browser.page.select("input[name=people]") if box["value"])
    browser.submit(
        "Post it",
        **GOOD,
        format="coaching",
        duration="90",
        capacity="12",
        delivered_by="our English lead",
        people=[person],
        weekdays=["1", "3"],
        half_terms=[THIS, NEXT],
        expires_on=SOON.isoformat(),
    )
    assert browser.status == 200, browser.errors
    for words in (
        "Coaching",
        "An hour and a half",
        "Up to 12 people",
        "Nia Named, our English lead",
        "Tuesdays and Thursdays",
        f"Until {SOON.day} {SOON:%B %Y}",
        "(today)",
    ):
        assert words in browser.text, words
    browser.get(browser.path + "/change")
    kept = browser.values("Save the changes")
    assert kept["half_terms"] == [THIS, NEXT]
    assert (kept["people"], kept["weekdays"], kept["capacity"]) == ([person], ["1", "3"], ["12"])
    browser.submit("Save the changes", capacity="", people=None, half_terms=[NEXT])
    assert "Up to 12 people" not in browser.text
    assert "Nia Named" not in browser.text


def _school(session: Session, actor: Actor) -> School:
    return session.get_one(School, actor.school())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"capacity": "0"}, "write a number from 1 to 1,000"),
        ({"capacity": "many"}, "write a number from 1 to 1,000"),
        ({"capacity": "9" * 400}, "write a number from 1 to 1,000"),
        ({"delivered_by": "x" * 201}, "use at most 200 characters"),
        ({"expires_on": "2020-01-01"}, "That day is in the past."),
        ({"expires_on": "2199-01-01"}, "more than two years away"),
        ({"expires_on": "soon"}, "write a day like"),
        ({"format": "juggling"}, "Not a valid choice"),
        ({"kind": "request", "budget": "-1"}, "The credits must be more than zero."),
        ({"kind": "request", "needed_by": "2020-01-01"}, "That day is in the past."),
        ({"kind": "request", "tried": "x" * 1001}, "use at most 1,000 characters"),
    ],
)
def test_what_is_wrong_is_said(
    app: Skillbank, browser: Browser, wrong: dict[str, Any], message: str
) -> None:
    browser.get("/listings/new").submit("Post it", **(GOOD | wrong))
    assert browser.status == 422
    assert message in " ".join(browser.errors)


@pytest.mark.parametrize(
    ("field", "details"),
    [
        ("format", {"format": "juggling"}),
        ("duration", {"duration_minutes": 7}),
        ("capacity", {"capacity": 1001}),
        ("weekdays", {"weekdays": (6,)}),
        ("half_terms", {"half_terms": ("2026-7",)}),
        ("people", {"people": (1,)}),
        ("delivered_by", {"delivered_by": "\u200b"}),
    ],
)
def test_a_verb_refuses_what_no_form_sends(
    app: Skillbank, us: Actor, field: str, details: dict[str, Any]
) -> None:
    with saved(app), pytest.raises(Refusal) as refused:
        posted(us, details=Details(**details))
    assert refused.value.field == field


@pytest.mark.parametrize(
    "change",
    [
        {"format": "juggling"},
        {"capacity": 0},
        {"weekdays": 32},
        {"budget_minutes": 0},
        {"met": "perhaps"},
        {"met": "part"},
        {"met_by": "Them"},
    ],
)
def test_the_database_refuses_it_as_well(app: Skillbank, us: Actor, change: dict[str, Any]) -> None:
    with saved(app) as session:
        listing_id = posted(us, details=Details(**FULL)).id
        session.commit()
        with pytest.raises(sa.exc.IntegrityError):
            session.execute(
                sa.update(ListingDetails)
                .where(ListingDetails.listing_id == listing_id)
                .values(**change)
            )
        session.rollback()


def test_what_is_for_the_other_kind_is_not_kept(app: Skillbank, us: Actor) -> None:
    with saved(app) as session:
        asks = Details(**FULL, for_whom="Year 1", tried="Books", needed_by=SOON, budget_minutes=60)
        offer = details_of(session, posted(us, details=asks).id).details
        assert (offer.for_whom, offer.tried, offer.needed_by, offer.budget_minutes) == (
            "",
            "",
            None,
            None,
        )
        request = details_of(session, posted(us, kind="request", details=asks).id).details
        assert (request.capacity, request.delivered_by) == (None, "")
        assert (request.for_whom, request.budget_minutes) == ("Year 1", 60)


def test_a_listing_ends_after_its_last_day_and_one_press_renews_it(
    app: Skillbank, us: Actor, browser: Browser
) -> None:
    with saved(app) as session:
        listing_id = posted(us, details=Details(expires_on=today())).id
        standing = posted(us).id
        assert expire_listings(session) == 0
        session.get_one(ListingDetails, listing_id).expires_on = today() - timedelta(days=1)
        session.flush()
        assert expire_listings(session) == 1
        assert session.get_one(Listing, standing).status == "open"
        types = session.scalars(sa.select(OutboxEvent.type).order_by(OutboxEvent.id)).all()
        assert types[-1] == "listing.expired"
        with pytest.raises(Refusal, match="Renew it"):
            reopen_listing(session, us, session.get_one(Listing, listing_id))
    browser.get("/listings?show=withdrawn").submit("Renew it")
    assert browser.flashes == ["Renewed: it stays up for another half year."]
    with saved(app) as session:
        assert session.get_one(Listing, listing_id).status == "open"
        assert details_of(session, listing_id).details.expires_on == today() + timedelta(days=180)
        with pytest.raises(Refusal, match="nothing to renew"):
            renew_listing(session, us, session.get_one(Listing, standing))
        withdrawn = withdraw_listing(session, us, session.get_one(Listing, listing_id))
        with pytest.raises(Refusal, match="Put it up again first"):
            renew_listing(session, us, withdrawn)


def test_a_request_is_met_in_part_then_in_full_and_taken_down(
    app: Skillbank, us: Actor, browser: Browser
) -> None:
    with saved(app) as session:
        request_id = posted(us, kind="request", title="A phonics lead").id
        session.get_one(Listing, request_id).created_at -= timedelta(days=12)
        offer = posted(us)
        with pytest.raises(Refusal, match="Only a request"):
            mark_met(session, us, offer, Met.FULLY, "")
        them = actor_for(joined_school(name="Ash School"))
        request = session.get_one(Listing, request_id)
        ask(session, them, request, "We can help.", idempotency_key="k" * 16)
    browser.get(f"/listings/{request_id}")
    browser.get(f"/listings/{request_id}/met").submit("Save", met="part", met_by="Ash School")
    assert "Met in part by Ash School, after 12 days" in browser.text
    assert browser.page.find("a", string="Ash School")["href"] == f"/schools/{them.urn}"
    assert "Met in part by Ash School" in browser.get("/listings").text
    browser.get(f"/listings/{request_id}/met").submit("Save", met="fully")
    assert "Met by Ash School, after 12 days" in browser.text
    assert "A phonics lead" not in browser.get("/listings").text
    browser.get(f"/listings/{request_id}").submit("Put it up again")
    with saved(app) as session:
        assert details_of(session, request_id).met == Met.NOT
    browser.get(f"/listings/{request_id}/met").submit("Save", met="perhaps")
    assert browser.status == 422


def test_who_no_longer_agrees_to_be_seen_is_not_named(app: Skillbank, us: Actor) -> None:
    with saved(app) as session:
        person = staff(_school(session, us), Role.MEMBER, name="Nia Named", listed_at=clock.now())
        listing_id = posted(us, details=Details(people=(person.id,))).id
        assert details_of(session, listing_id).people_names == ("Nia Named",)
        person.listed_at = None
        session.flush()
        assert details_of(session, listing_id).people_names == ()
