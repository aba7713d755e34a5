"""Whom the matcher asks about a confidential request, and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.application import Skillbank
from marketplace.audiences.audience import Audience, Reach
from marketplace.confidential.matching import (
    MOST_OF_A_SCHOOL,
    MOST_WAITING,
    SILENT_AFTER,
    ask_schools,
)
from marketplace.confidential.models import AskState, ConfidentialAsk
from marketplace.confidential.service import (
    decline_help,
    introduce,
    pass_over,
    promise_help,
)
from marketplace.conversations.models import Enquiry
from marketplace.database import db
from marketplace.errors import Conflict, NotFound, Refusal
from marketplace.listings.queries import get_own_listing
from marketplace.listings.service import change_listing, withdraw_listing
from marketplace.network.succession import succeed_by_register
from marketplace.outbox.worker import Worker
from marketplace.schools.models import School
from marketplace.schools.traits import Trait
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.confidential.factories import TOPIC, asked, needed, promised
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import draft, posted
from tests.marketplace.network.factories import close, joined_school
from tests.marketplace.outbox.bells import SetClock


def helper(**facts: Any) -> Actor:
    """A coordinator of a school with an offer on the topic."""
    offer = facts.pop("offer", {})
    actor = actor_for(joined_school(**facts))
    posted(actor, **{"topics": (TOPIC,)} | offer)
    return actor


def asked_about(session: Session, listing_id: int) -> list[int]:
    """The schools that were asked, in the order in which they were."""
    asks = sa.select(ConfidentialAsk.school_urn).where(ConfidentialAsk.listing_id == listing_id)
    return list(session.scalars(asks.order_by(ConfidentialAsk.id)))


def test_schools_that_fit_are_asked_the_nearest_first(app: Skillbank) -> None:
    with app.app_context():
        session = db.session()
        us = actor_for(joined_school())
        posted(us, topics=(TOPIC,))
        far = helper(easting=390_000)
        near = helper(easting=381_000)
        both = helper(easting=394_000, offer={"topics": (TOPIC, "office")})
        helper(easting=400_000)  # more than ten miles away
        helper(offer={"topics": ("phonics",)})
        helper(offer={"phases": ("ks4",)})
        helper(offer={"kind": "request"})
        helper(offer={"audience": "school"})
        helper(phase="secondary")
        paused = session.get_one(School, helper().school())
        paused.paused_at, paused.pause_reason = paused.joined_at, "No answer."
        audience = Audience(Reach.CONFIDENTIAL, miles=10, only=Trait.PRIMARY)
        listing = needed(us, topics=(TOPIC, "office"), audience=audience)
        assert ask_schools(session, listing.id) == 3
        assert asked_about(session, listing.id) == [both.urn, near.urn, far.urn]
        assert ask_schools(session, listing.id) == 0


def test_so_many_are_asked_at_once_and_another_when_one_says_no(
    app: Skillbank, set_clock: SetClock
) -> None:
    with app.app_context():
        session = db.session()
        us = actor_for(joined_school())
        helpers = [helper(easting=380_000 + number) for number in range(MOST_WAITING + 2)]
        listing = needed(us)
        assert ask_schools(session, listing.id) == MOST_WAITING
        first = session.scalars(sa.select(ConfidentialAsk.id)).first()
        assert first is not None
        decline_help(session, helpers[0], first)
        assert ask_schools(session, listing.id) == 1
        set_clock.move(seconds=SILENT_AFTER.total_seconds() + 1)
        assert ask_schools(session, listing.id) == 1
        assert asked_about(session, listing.id) == [one.urn for one in helpers]


def test_no_school_is_burdened_with_more_than_a_few(app: Skillbank) -> None:
    with app.app_context():
        session = db.session()
        one = helper()
        for number in range(MOST_OF_A_SCHOOL + 1):
            listing = needed(actor_for(joined_school()))
            assert ask_schools(session, listing.id) == (number < MOST_OF_A_SCHOOL)
        assert one.urn


@pytest.mark.parametrize("audience", [Reach.SCHOOL, Reach.NATIONAL])
def test_about_other_requests_nobody_is_asked(app: Skillbank, audience: Reach) -> None:
    with app.app_context():
        session = db.session()
        helper()
        us = actor_for(joined_school())
        listing = posted(us, kind="request", topics=(TOPIC,), audience=audience)
        assert ask_schools(session, listing.id) == 0
        secret = needed(us)
        withdraw_listing(session, us, secret)
        assert ask_schools(session, secret.id) == 0


def test_two_schools_meet_when_both_agree(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        us = actor_for(joined_school(name="Ash School"))
        them = helper(name="Oak Academy")
    browser, other = Browser(client).be(us), Browser(app.test_client()).be(them)
    browser.get("/listings/new?kind=request").submit(
        "Post it",
        title="Kitchen in special measures",
        description="Our kitchen failed its inspection.",
        topics=[TOPIC],
        phases=["ks1"],
        minutes="2",
        audience="confidential",
        audience_miles="10",
    )
    assert browser.heading == "Kitchen in special measures"
    # The page says what is true of it: nobody finds it, and how many schools are asked.
    assert browser.flashes == [
        "Your request is saved. Nobody finds it: schools that fit are asked without your name."
    ]
    assert "Nobody finds this request." in browser.text
    assert "No school has been asked yet." in browser.text
    assert browser.page.select_one("a[href$=who-fits]") is None
    Worker(app).run_once()
    assert "1 school asked, 0 would help" in browser.get("/listings/2").text
    other.get("/home")
    assert "Would you help a school near you?" in other.text
    other.get("/confidential")
    assert "Would you help a school near you with Catering and lunchtimes?" in other.text
    other.get("/confidential/asks/1")
    for secret in ("Ash", "Kitchen", "inspection", str(us.urn)):
        assert secret not in other.text
    assert other.get("/listings/2").status == 404
    other.get("/confidential/asks/1").submit("Yes, we would help")
    browser.get("/confidential/requests/2")
    assert "A mainstream primary school within 10 miles that offers this" in browser.text
    assert "Oak" not in browser.text
    assert str(them.urn) not in browser.text
    browser.get("/confidential/asks/1/introduce")
    browser.submit("Tell the names, and send it", body="Could you come on Monday?")
    assert browser.heading == "Oak Academy"
    Worker(app).run_once()
    other.get("/confidential/asks/1")
    assert "You have been introduced" in other.text
    other.get("/messages/1")
    assert other.heading == "Ash School"
    assert "Our kitchen failed its inspection." in other.text
    assert "Could you come on Monday?" in other.text
    other.submit("Send", body="We could.")
    assert "We could." in browser.get("/messages/1").text
    assert other.get("/listings/2").status == 404
    assert other.get("/messages/1/propose").status == 200


def test_without_both_neither_learns_of_the_other(app: Skillbank) -> None:
    with app.app_context():
        session = db.session()
        us, them = actor_for(joined_school()), actor_for(joined_school())
        ask = asked(us, them)
        with pytest.raises(NotFound):
            introduce(session, us, ask.id, "Hello.", idempotency_key="a form that is sent")
        decline_help(session, them, ask.id)
        with pytest.raises(NotFound):
            introduce(session, us, ask.id, "Hello.", idempotency_key="a form that is sent")
        with pytest.raises(Conflict):
            promise_help(session, them, ask.id)
        second = promised(us, actor_for(joined_school()))
        pass_over(session, us, second.id)
        assert session.scalars(sa.select(Enquiry)).all() == []
        states = set(session.scalars(sa.select(ConfidentialAsk.state)))
        assert states == {AskState.DECLINED, AskState.PASSED_OVER}


def test_each_step_twice_is_once_and_only_by_the_right_school(app: Skillbank) -> None:
    with app.app_context():
        session = db.session()
        us, them, others = (actor_for(joined_school()) for _ in range(3))
        ask = asked(us, them)
        for verb in (promise_help, decline_help):
            for wrong in (us, others):
                with pytest.raises(NotFound):
                    verb(session, wrong, ask.id)
        assert promise_help(session, them, ask.id) is promise_help(session, them, ask.id)
        for wrong in (them, others):
            with pytest.raises(NotFound):
                introduce(session, wrong, ask.id, "Hi.", idempotency_key="a form that is sent")
            with pytest.raises(NotFound):
                pass_over(session, wrong, ask.id)
        first = introduce(session, us, ask.id, "Hi.", idempotency_key="a form that is sent")
        again = introduce(session, us, ask.id, "Hi.", idempotency_key="a form that is sent")
        assert first is again
        with pytest.raises(Conflict):
            decline_help(session, them, ask.id)
        with pytest.raises(Conflict):
            pass_over(session, us, ask.id)


def test_what_is_no_longer_needed_is_not_promised(app: Skillbank) -> None:
    with app.app_context():
        session = db.session()
        us, them = actor_for(joined_school()), actor_for(joined_school())
        ask = asked(us, them)
        open_request = draft(kind="request", topics=(TOPIC,), audience=Audience())
        listing = get_own_listing(session, ask.listing_id, us)
        change_listing(session, us, listing, open_request, version=1)
        with pytest.raises(Refusal, match="no longer needs"):
            promise_help(session, them, ask.id)


def test_why_a_school_cannot_be_introduced_does_not_name_it(app: Skillbank) -> None:
    with app.app_context():
        session = db.session()
        us, them = actor_for(joined_school()), actor_for(joined_school(name="Oak Academy"))
        ask = promised(us, them)
        session.get_one(School, them.urn).status = "closed"
        with pytest.raises(Refusal, match="cannot be introduced") as refused:
            introduce(session, us, ask.id, "Hi.", idempotency_key="a form that is sent")
        assert "Oak" not in refused.value.message


def test_a_successor_is_asked_in_the_place_of_the_school_it_carries_on_for(
    app: Skillbank,
) -> None:
    with saved(app) as session:
        us = actor_for(joined_school())
        old, new = joined_school(), joined_school()
        ask_id = asked(us, actor_for(old)).id
        close(old, new)
        succeed_by_register(session, old.urn, Policy())
    Worker(app).run_once()
    with saved(app) as session:
        assert session.get_one(ConfidentialAsk, ask_id).school_urn == new.urn
