"""Groups of schools, through their pages: found, invite, accept, decline, leave, take out."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.audiences.audience import Audience, Reach
from marketplace.audiences.groups.service import invite_school, leave_group, take_out
from marketplace.audiences.models import SchoolGroup
from marketplace.database import db
from marketplace.errors import NotFound, Refusal
from marketplace.listings.queries import get_listing
from marketplace.listings.service import change_listing
from marketplace.network.succession import succeed_by_register
from marketplace.schools.models import School
from marketplace.schools.word_index import index_schools
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.audiences.factories import founded, invited
from tests.marketplace.browser import Browser
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import draft, posted
from tests.marketplace.network.factories import close, joined_school
from tests.marketplace.outbox.bells import SetClock


def group_of(browser: Browser) -> str:
    """The number of the first group that the page has a link to."""
    link = browser.page.find("a", href=re.compile(r"^/groups/\d+$"))
    return str(link["href"]).rpartition("/")[2]


def test_a_school_founds_a_group_and_invites_another_that_joins(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app) as session:
        ash, oak = joined_school(name="Ash School"), joined_school(name="Oak Academy")
        us, them = actor_for(ash), actor_for(oak, Role.ADMINISTRATOR)
        index_schools(session, [ash.urn, oak.urn])
    browser = Browser(client).be(us).get("/groups")
    assert "Your school is in no group yet" in browser.text
    browser.get("/groups/new").submit("Found the group", name="Maths Hub", purpose="Number sense.")
    assert browser.heading == "Invite schools"
    path = browser.path
    browser.get(f"{path}?q=oak academy").submit("Invite")
    assert "Invited" in browser.flashes[0]
    assert "Invited" in browser.get(f"{path}?q=oak").text
    other = Browser(app.test_client()).be(them).get("/home")
    assert "Join Maths Hub?" in other.text
    other.get(f"/groups/{group_of(other)}")
    assert "Number sense." in other.text
    other.submit("Join the group")
    assert "Your school is in Maths Hub" in other.flashes[0]
    assert "2 schools" in other.text
    assert "Maths Hub" in other.get("/groups").text
    assert "Oak Academy" in browser.get(f"/groups/{group_of(browser.get('/groups'))}").text


def test_who_is_invited_may_decline_and_is_not_asked_again_at_once(
    app: Skillbank, client: FlaskClient, set_clock: SetClock
) -> None:
    with saved(app):
        us, them = actor_for(joined_school()), actor_for(joined_school())
        group = founded(us)
        invited(us, group, them)
        group_id = group.id
    browser = Browser(client).be(them).get(f"/groups/{group_id}").submit("Decline")
    assert "Declined" in browser.flashes[0]
    assert browser.get(f"/groups/{group_id}").status == 404
    with saved(app) as session:
        group = session.get_one(SchoolGroup, group_id)
        with pytest.raises(Refusal, match="has declined lately"):
            invite_school(session, us, group, them.school())
        set_clock.move(days=31)
        assert invite_school(session, us, group, them.school()).state == "invited"


def test_what_is_for_a_group_is_seen_in_it_and_no_longer_by_who_has_left(app: Skillbank) -> None:
    with app.app_context():
        session = db.session()
        us, them, others = (actor_for(joined_school()) for _ in range(3))
        group = founded(us, them)
        listing = posted(us, audience=Audience(Reach.GROUP, group_id=group.id))
        assert get_listing(session, listing.id, them) is listing
        with pytest.raises(NotFound):
            get_listing(session, listing.id, others)
        invited(us, group, others)
        with pytest.raises(NotFound):
            get_listing(session, listing.id, others)
        leave_group(session, them, group)
        with pytest.raises(NotFound):
            get_listing(session, listing.id, them)
        with pytest.raises(Refusal, match="a group that your school is in"):
            posted(them, audience=Audience(Reach.GROUP, group_id=group.id))


def test_who_leaves_shows_nothing_to_the_group_and_hands_over_its_lead(app: Skillbank) -> None:
    with app.app_context():
        session = db.session()
        us, them, others = (actor_for(joined_school()) for _ in range(3))
        group = founded(us, them, others)
        listing = posted(us, audience=Audience(Reach.GROUP, group_id=group.id))
        leave_group(session, us, group)
        assert group.lead_urn == them.urn
        with pytest.raises(NotFound):
            get_listing(session, listing.id, them)
        national = draft(audience=Audience())
        change_listing(session, us, listing, national, version=1)
        assert get_listing(session, listing.id, them) is listing


def test_only_the_school_that_leads_invites_and_takes_out(app: Skillbank) -> None:
    with app.app_context():
        session = db.session()
        us, them, others = (actor_for(joined_school()) for _ in range(3))
        group = founded(us, them)
        with pytest.raises(NotFound):
            invite_school(session, them, group, others.school())
        with pytest.raises(NotFound):
            take_out(session, them, group, us.school())
        with pytest.raises(Refusal, match="leave the group"):
            take_out(session, us, group, us.school())
        take_out(session, us, group, them.school())
        with pytest.raises(NotFound):
            take_out(session, us, group, them.school())


@pytest.mark.parametrize("facts", [{"status": "closed"}, {"joined_at": None}])
def test_only_schools_that_take_part_are_invited(app: Skillbank, facts: dict[str, object]) -> None:
    with app.app_context():
        session = db.session()
        group = founded(us := actor_for(joined_school()))
        school = joined_school()
        for name, value in facts.items():
            setattr(school, name, value)
        with pytest.raises(Refusal, match=r"has closed|take part"):
            invite_school(session, us, group, school.urn)


def test_a_successor_is_in_the_groups_of_the_school_it_carries_on_for(app: Skillbank) -> None:
    with app.app_context():
        session = db.session()
        old, new = joined_school(), joined_school()
        us, them = actor_for(old), actor_for(joined_school())
        group = founded(us, them)
        listing = posted(us, audience=Audience(Reach.GROUP, group_id=group.id))
        close(old, new)
        succeed_by_register(session, old.urn, Policy())
        session.expire_all()
        assert session.get_one(SchoolGroup, group.id).lead_urn == new.urn
        carried_on = actor_for(session.get_one(School, new.urn))
        assert get_listing(session, listing.id, carried_on).school_urn == new.urn


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "", "purpose": "x"},
        {"name": "x" * 10_000, "purpose": "x"},
        {"name": "Hub", "purpose": "x" * 10_000},
        {"name": "‮", "purpose": "x"},
    ],
)
def test_what_is_no_name_or_purpose_is_said_at_the_field(
    app: Skillbank, client: FlaskClient, typed: dict[str, str]
) -> None:
    with saved(app):
        us = actor_for(joined_school())
    browser = Browser(client).be(us).get("/groups/new").submit("Found the group", **typed)
    assert browser.status == 422
    assert browser.page.select(".field-error")


def test_html_in_a_name_is_text_and_a_forged_school_is_not_found(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app):
        us = actor_for(joined_school())
        group_id = founded(us, name="<script>alert(1)</script> 🎺").id
    browser = Browser(client).be(us)
    page = browser.get(f"/groups/{group_id}")
    assert page.heading == "<script>alert(1)</script> 🎺"
    token = page.page.select_one('[name="csrf_token"]')
    for school in ("", "x", "-1", "9" * 30, "999999"):
        answer = client.post(
            f"/groups/{group_id}/invite",
            data={"school": school, "csrf_token": token["value"] if token else ""},
            headers={"Origin": "http://localhost"},
        )
        assert answer.status_code in (302, 400, 404), school
