"""The first steps of a school that has just joined, on its start page."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.help.service import set_listed
from marketplace.listings.models import Kind
from marketplace.outbox.models import OutboxEvent
from marketplace.pages.first_week import SHOWN_FOR
from marketplace.schools.models import School
from tests.marketplace.accounts.factories import actor_for, staff
from tests.marketplace.browser import Browser
from tests.marketplace.conversations.factories import asked
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school

LISTED = "Agree to be listed, so that other schools know whom to turn to"
OFFER = "Post your first offer: what colleagues elsewhere ask you about"
REQUEST = "Post your first request: what you are looking for"
PEOPLE = "Invite your colleagues"
QUESTION = "Ask another school a question"


def steps(browser: Browser) -> dict[str, bool]:
    """Each step on the start page, and whether it is done."""
    return {
        item.get_text(strip=True).removeprefix("Done:").strip(): "is-done" in item["class"]
        for item in browser.get("/home").page.select(".checklist li")
    }


@pytest.mark.parametrize(
    ("roles", "labels"),
    [
        ((Role.MEMBER,), [LISTED, QUESTION]),
        ((Role.COORDINATOR,), [LISTED, OFFER, REQUEST, QUESTION]),
        ((Role.ADMINISTRATOR,), [LISTED, PEOPLE, QUESTION]),
        (
            (Role.COORDINATOR, Role.ADMINISTRATOR),
            [LISTED, OFFER, REQUEST, PEOPLE, QUESTION],
        ),
    ],
)
def test_each_role_sees_what_it_may_do(
    app: Skillbank, client: FlaskClient, roles: tuple[Role, ...], labels: list[str]
) -> None:
    with saved(app):
        actor = actor_for(joined_school(), *roles)
    browser = Browser(client).be(actor)
    assert steps(browser) == dict.fromkeys(labels, False)
    for link in browser.page.select(".checklist a"):
        assert client.get(link["href"], follow_redirects=True).status_code == 200, link["href"]


def test_each_step_is_ticked_by_what_the_school_did(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        school = joined_school()
        us = actor_for(school, Role.COORDINATOR, Role.ADMINISTRATOR)
        them = actor_for(joined_school())
    browser = Browser(client).be(us)
    done: set[str] = set()
    for label, act in {
        OFFER: lambda _: posted(us, kind=Kind.OFFER),
        REQUEST: lambda _: posted(us, kind=Kind.REQUEST),
        PEOPLE: lambda session: staff(session.get_one(School, school.urn), Role.MEMBER),
        QUESTION: lambda _: asked(us, posted(them)),
    }.items():
        with saved(app) as session:
            act(session)
        done.add(label)
        assert {name for name, is_done in steps(browser).items() if is_done} == done
        assert f"{len(done)} of 5 done at your school" in browser.text
    with saved(app) as session:
        set_listed(session, us, True)
    assert steps(browser) == {}
    assert "First steps" not in browser.text


def test_who_has_nothing_left_to_do_is_not_told_of_others_steps(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app) as session:
        school = joined_school()
        member, them = actor_for(school, Role.MEMBER), actor_for(joined_school())
        set_listed(session, member, True)
        asked(member, posted(them))
    assert steps(Browser(client).be(member)) == {}


def test_a_school_that_joined_long_ago_is_not_shown_them(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app):
        school = joined_school()
        actor = actor_for(school)
        school.joined_at = clock.now() - SHOWN_FOR - timedelta(minutes=1)
    assert steps(Browser(client).be(actor)) == {}
    with saved(app) as session:
        joined_at = clock.now() - SHOWN_FOR + timedelta(minutes=5)
        session.get_one(School, school.urn).joined_at = joined_at
    assert len(steps(Browser(client).be(actor))) == 4


def test_a_coordinator_puts_the_list_away_for_everybody(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app):
        school = joined_school()
        coordinator, member = actor_for(school), actor_for(school, Role.MEMBER)
    other = Browser(app.test_client()).be(member)
    assert "Put this list away" not in other.get("/home").buttons
    browser = Browser(client).be(coordinator).get("/home").submit("Put this list away")
    assert browser.flashes == [
        "The first steps are put away. The help has them under “Your first week”."
    ]
    assert steps(browser) == steps(other) == {}
    with saved(app) as session:
        events = session.scalars(
            sa.select(OutboxEvent).where(OutboxEvent.type == "school.first_week_dismissed")
        ).all()
        assert [event.school_urns for event in events] == [[school.urn]]


def test_a_member_cannot_put_it_away(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        school = joined_school()
        member: Actor = actor_for(school, Role.MEMBER)
    browser = Browser(client).be(member).get("/account/consent")
    token = browser.page.find("input", {"name": "csrf_token"})["value"]
    browser.post("/first-week/dismiss", {"csrf_token": [token]})
    assert browser.status == 403
    with saved(app) as session:
        assert session.get_one(School, school.urn).first_week_dismissed_at is None
