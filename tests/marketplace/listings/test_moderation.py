"""Reports of listings and what the operator decides: who sees what, who is told, the trail."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person
from marketplace.accounts.roles import Role
from marketplace.accounts.service import grant_role
from marketplace.application import Skillbank
from marketplace.errors import Conflict, NotAllowed, NotFound, Refusal
from marketplace.listings.models import Listing
from marketplace.listings.moderation.models import ListingReport
from marketplace.listings.moderation.queries import trail
from marketplace.listings.moderation.service import decide, report_listing
from marketplace.listings.queries import get_listing
from marketplace.listings.service import reopen_listing
from marketplace.schools.models import School
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school, operator
from tests.marketplace.search.factories import indexed


@pytest.fixture
def us(app: Skillbank) -> Actor:
    with saved(app):
        return actor_for(joined_school(name="Hope Primary"))


@pytest.fixture
def them(app: Skillbank) -> Actor:
    with saved(app):
        return actor_for(joined_school(name="Ash School"), Role.MEMBER)


def test_a_listing_is_reported_hidden_and_shown_again(
    app: Skillbank, client: FlaskClient, us: Actor, them: Actor
) -> None:
    with saved(app) as session:
        listing_id = posted(us, title="Phonics with Tom", public=True).id
        runs = operator()
        indexed(session)
    reader = Browser(client).be(them).get(f"/listings/{listing_id}")
    reader.get(f"/listings/{listing_id}/report").submit("Send the report")
    assert reader.status == 422
    reader.submit("Send the report", reason="personal", text="It names a child.")
    assert reader.flashes == ["Thank you. The network’s operator looks at it and tells you."]
    assert "Not yet" in reader.get(f"/listings/{listing_id}/report").text

    desk = Browser(app.test_client()).be(runs).get("/home")
    assert "Phonics with Tom" in desk.text
    desk.get("/network/reports")
    assert "Hope Primary; reported by Ash School" in desk.text
    desk.get(f"/network/reports/{listing_id}")
    assert "It names a child." in desk.text
    desk.submit("Save the decision", decision="hide", reason="")
    assert desk.status == 422
    desk.submit("Save the decision", decision="hide", reason="Leave out the name.")
    assert desk.flashes == ["It is hidden. The school and those who reported it are told."]
    assert "No report waits for you" in desk.text

    assert reader.get(f"/listings/{listing_id}").status == 404
    assert "Phonics with Tom" not in reader.get(f"/schools/{us.urn}").text
    assert "Phonics with Tom" not in reader.get("/search?q=phonics").text
    assert reader.get(f"/offers/{listing_id}").status == 404
    outcome = reader.get(f"/listings/{listing_id}/report")
    assert "Leave out the name." in outcome.text

    owner = Browser(app.test_client()).be(us).get(f"/listings/{listing_id}")
    assert "Other schools do not see this." in owner.text
    assert "Leave out the name." in owner.text
    assert "Put it up again" not in owner.buttons
    assert "Hidden by the operator" in owner.get("/listings?show=withdrawn").text
    owner.get(f"/listings/{listing_id}/change").submit(
        "Save the changes", title="Phonics for all", public=None
    )
    assert owner.status == 200

    desk.get(f"/network/reports/{listing_id}")
    desk.submit("Save the decision", decision="restore", reason="Thank you.")
    assert "Phonics for all" in reader.get(f"/listings/{listing_id}").text
    with saved(app) as session:
        assert [step.decision for step in trail(session, listing_id)] == ["restore", "hide"]


def test_a_report_that_is_left_is_closed_and_may_be_made_again(
    app: Skillbank, us: Actor, them: Actor
) -> None:
    with saved(app) as session:
        listing, runs = posted(us), operator()
        first = report_listing(session, them, listing, "wrong", "")
        assert report_listing(session, them, listing, "selling", "").id == first.id
        decide(session, runs, listing, "keep", "It is true.", version=1)
        session.refresh(first)
        assert first.step_id is not None
        assert report_listing(session, them, listing, "wrong", "").id != first.id
        assert get_listing(session, listing.id, them).status == "open"


def test_what_cannot_be_reported_or_decided_is_refused(
    app: Skillbank, us: Actor, them: Actor
) -> None:
    with saved(app) as session:
        listing, runs = posted(us), operator()
        for reason, text in (("rude", ""), ("other", " "), ("wrong", "x" * 1001)):
            with pytest.raises(Refusal):
                report_listing(session, them, listing, reason, text)
        with pytest.raises(Refusal, match="your own school"):
            report_listing(session, us, listing, "wrong", "")
        with pytest.raises(NotAllowed):
            decide(session, us, listing, "hide", "Because.", version=1)
        for decision, reason in (("burn", "So."), ("hide", " "), ("restore", "So.")):
            with pytest.raises(Refusal):
                decide(session, runs, listing, decision, reason, version=1)
        with pytest.raises(Conflict):
            decide(session, runs, listing, "hide", "So.", version=7)
        decide(session, runs, listing, "hide", "So.", version=1)
        with pytest.raises(Refusal, match="hidden already"):
            decide(session, runs, listing, "hide", "So.", version=2)
        with pytest.raises(Refusal, match="operator has hidden"):
            reopen_listing(session, us, listing)
        with pytest.raises(NotFound):
            get_listing(session, listing.id, them)


def test_nobody_decides_about_a_school_where_they_work(
    app: Skillbank, client: FlaskClient, us: Actor
) -> None:
    with saved(app) as session:
        listing, runs = posted(us), operator()
        school = session.get_one(School, us.school())
        grant_role(session, session.get_one(Person, runs.person_id), Role.MEMBER, school)
        with pytest.raises(NotAllowed, match="You work at the school"):
            decide(session, runs, listing, "hide", "So.", version=1)
        path = f"/network/reports/{listing.id}"
    browser = Browser(client).be(runs).get(path)
    assert "another operator decides" in browser.text
    assert "Save the decision" not in browser.buttons


def test_the_database_has_one_open_report_of_a_school(
    app: Skillbank, us: Actor, them: Actor
) -> None:
    with saved(app) as session:
        report = report_listing(session, them, posted(us), "wrong", "")
        session.commit()
        session.add(
            ListingReport(
                listing_id=report.listing_id,
                school_urn=report.school_urn,
                reporter_id=report.reporter_id,
                reason="wrong",
                text="",
                created_at=report.created_at,
            )
        )
        with pytest.raises(sa.exc.IntegrityError):
            session.flush()
        session.rollback()
        with pytest.raises(sa.exc.IntegrityError):
            session.execute(sa.update(Listing).values(status="burnt"))
        session.rollback()
