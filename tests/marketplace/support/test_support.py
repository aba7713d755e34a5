"""Support access: with a reason, for half an hour, only to read, and seen by the school."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person, RoleGrant, SecurityEvent
from marketplace.accounts.roles import Role
from marketplace.accounts.support_access import SupportAccess
from marketplace.application import Skillbank
from marketplace.audiences.audience import Reach
from marketplace.exchanges.models import State
from marketplace.mail.models import Email
from marketplace.outbox.models import OutboxEvent
from marketplace.schools.models import School
from tests.marketplace.accounts.factories import PersonFactory, actor_for, staff
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school

REASON = "You asked why exchange 5 shows no credits."


class World:
    """A school with an exchange and a listing of its own, and an operator who is to help it."""

    def __init__(self, app: Skillbank) -> None:
        self.app = app
        with saved(app):
            school = joined_school(name="Hope Primary")
            self.urn = school.urn
            self.us, self.head = actor_for(school), actor_for(school, Role.ADMINISTRATOR)
            self.them = actor_for(joined_school(name="Other School"))
            self.operator = PersonFactory(name="Olu Operator", roles=[(Role.OPERATOR, None)])
            exchange = brought_to(State.CONFIRMED, self.us, self.them)
            listing = posted(self.us, title="Staff only", audience=Reach.SCHOOL)
            others = brought_to(State.CONFIRMED, self.them, actor_for(joined_school()))
            self.pages = [
                "/home",
                f"/exchanges/{exchange.id}",
                "/exchanges?show=all",
                "/messages",
                f"/messages/{exchange.enquiry_id}",
                "/credits",
                "/credits/statement.csv",
                f"/credits/transactions/{exchange.transaction_id}",
                "/listings",
                f"/listings/{listing.id}",
                "/search",
            ]
            self.pages_of_others = [
                f"/exchanges/{others.id}",
                f"/messages/{others.enquiry_id}",
                f"/credits/transactions/{others.transaction_id}",
            ]

    def browser(self, who: Person | Actor | None = None) -> Browser:
        return Browser(self.app.test_client()).be(who or self.operator)

    def begin(self) -> Browser:
        """The operator's browser, reading the school's pages."""
        browser = self.browser().get(f"/schools/{self.urn}")
        link = next(link for link in browser.page.select("a") if "for support" in link.get_text())
        return browser.get(link["href"]).submit("Begin and tell the school", reason=REASON)

    def accesses(self) -> list[SupportAccess]:
        with saved(self.app) as session:
            return list(session.scalars(sa.select(SupportAccess).order_by(SupportAccess.id)))


@pytest.fixture
def world(app: Skillbank) -> World:
    return World(app)


class Clock:
    """The clock of the marketplace, put forward by hand."""

    def __init__(self) -> None:
        self.instant = datetime.now(UTC)

    def forward(self, **time: float) -> None:
        self.instant += timedelta(**time)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    hand = Clock()
    monkeypatch.setattr(clock, "now", lambda: hand.instant)
    return hand


def statuses(browser: Browser, paths: list[str]) -> dict[str, int]:
    return {path: browser.get(path).status for path in paths}


def test_without_it_the_operator_reads_nothing_private(world: World) -> None:
    answers = statuses(world.browser(), [*world.pages, *world.pages_of_others])
    readable = {path for path, status in answers.items() if status == 200}
    transactions = {path for path in answers if "/transactions/" in path}
    assert readable == {"/home", "/search"} | transactions  # the book is the auditors' as well
    assert "Staff only" not in world.browser().get("/search").text


def test_with_it_the_operator_reads_that_school_and_no_other(world: World) -> None:
    browser = world.begin()
    assert (browser.status, browser.path, browser.heading) == (200, "/home", "Hope Primary")
    assert "Support at Hope Primary" in browser.text
    assert "You are reading the pages of Hope Primary for support, until" in browser.text
    assert set(statuses(browser, world.pages).values()) == {200}
    assert set(statuses(browser, world.pages_of_others).values()) == {404}
    assert "Staff only" in browser.get(f"/schools/{world.urn}").text
    (conversation,) = [path for path in world.pages if path.startswith("/messages/")]
    assert not browser.get(conversation).page.select("main form")
    # What only the network may do is not to be done meanwhile.
    assert browser.get("/network/schools").status == 403
    assert browser.get("/network/support").status == 403
    assert browser.get(f"/schools/{world.urn}/people").status == 403


def test_the_start_page_says_for_whom_at_the_school_things_wait(world: World) -> None:
    with saved(world.app):
        brought_to(State.PROPOSED, world.us, world.them)
    browser = world.begin()
    titles = [title.get_text(" ", strip=True) for title in browser.page.select("main h2")]
    assert any(title.startswith("Waiting for the school’s coordinator") for title in titles)
    text = browser.page.select_one("main").get_text()
    assert "Your turn" not in text
    assert "aiting for your" not in text
    assert "waits for you" not in text


def test_the_school_is_told_at_once_why_and_by_whom(world: World) -> None:
    head = world.browser(world.head).get("/home")
    assert "reading your school’s pages" not in head.text
    world.begin()
    head.get("/home")
    assert "operator is reading your school’s pages at the moment" in head.text
    assert "reading your school’s pages" not in world.browser(world.us).get("/home").text
    assert "reading your school’s pages" not in world.browser(world.them).get("/home").text
    head.get("/support-access")
    assert "Olu Operator, operator of the network" in head.text
    assert REASON in head.text
    with saved(world.app) as session:
        (email,) = session.scalars(sa.select(Email))
        assert email.person_id == world.head.person_id
        assert email.school_urn == world.urn
        assert "reading the pages of Hope Primary" in email.subject
        assert REASON in email.text
        event = session.scalars(
            sa.select(SecurityEvent).where(SecurityEvent.kind == "support_began")
        ).one()
        assert (event.school_urn, event.actor_id) == (world.urn, world.operator.id)
        told = session.scalars(
            sa.select(OutboxEvent).where(OutboxEvent.type.startswith("support."))
        ).one()
        assert (told.type, list(told.school_urns)) == ("support.began", [world.urn])
        assert told.data == {"support_id": event.details["support_id"]}


@pytest.mark.parametrize("who", ["operator", "operator on the desk", "another operator", "head"])
def test_either_side_ends_it_at_once(world: World, who: str) -> None:
    browser = world.begin()
    if who == "operator":
        browser.get("/credits").submit("End the support access")
        assert (browser.path, browser.flashes) == (
            "/network/support",
            ["The support access has ended."],
        )
    elif who == "head":
        world.browser(world.head).get("/support-access").submit("End it")
    else:
        ending = world.operator
        if who == "another operator":
            with saved(world.app):
                ending = PersonFactory(roles=[(Role.OPERATOR, None)])
        world.browser(ending).get("/network/support").submit("End it")
    assert browser.get("/credits").status == 403
    assert browser.get("/network/support").status == 200
    assert "reading your school’s pages" not in world.browser(world.head).get("/home").text
    (access,) = world.accesses()
    assert access.ended_at is not None
    with saved(world.app) as session:
        event = session.scalars(
            sa.select(SecurityEvent).where(SecurityEvent.kind == "support_ended")
        ).one()
        assert event.actor_id == access.ended_by_id
        told = session.scalars(
            sa.select(OutboxEvent).where(OutboxEvent.type == "support.ended")
        ).one()
        assert (told.actor_id, list(told.school_urns)) == (access.ended_by_id, [world.urn])


def test_it_ends_by_itself_after_half_an_hour(world: World, time: Clock) -> None:
    browser = world.begin()
    time.forward(minutes=29, seconds=59)
    assert browser.get("/credits").status == 200
    time.forward(seconds=1)
    assert browser.get("/credits").status == 403
    assert browser.get("/home").heading != "Hope Primary"
    head = world.browser(world.head)
    assert "reading your school’s pages" not in head.get("/home").text
    assert "Ended by itself" in head.get("/support-access").text
    assert "End it" not in head.buttons
    (access,) = world.accesses()
    assert (access.ended_at, access.ended_by_id) == (None, None)


def test_leaving_and_going_on_need_no_new_reason(world: World) -> None:
    browser = world.begin()
    browser.get("/home").submit("Switch", membership="network")
    assert browser.get("/credits").status == 403
    browser.get("/network/support").submit("Go on reading")
    assert browser.get("/credits").status == 200
    assert len(world.accesses()) == 1


def test_it_is_of_one_operator_and_nobody_else(world: World) -> None:
    world.begin()
    (access,) = world.accesses()
    with saved(world.app):
        other = PersonFactory(roles=[(Role.OPERATOR, None)])
        auditor = PersonFactory(roles=[(Role.AUDITOR, None)])
    assert "Go on reading" not in world.browser(other).get("/network/support").buttons
    for who in (other, auditor, world.them):
        browser = world.browser(who)
        with browser.client.session_transaction() as session:
            session["acting"] = access.key
        assert browser.get("/home").heading != "Hope Primary"
        assert "for support" not in browser.text
        if who is not world.them:
            assert browser.get(world.pages[1]).status == 403


def test_who_is_no_operator_any_more_reads_nothing(world: World) -> None:
    browser = world.begin()
    with saved(world.app) as session:
        session.execute(sa.delete(RoleGrant).where(RoleGrant.person_id == world.operator.id))
    assert browser.get("/credits").status == 403


@pytest.mark.parametrize("reason", ["", "   ", "\u200b\u3164"])
def test_it_needs_a_reason(world: World, reason: str) -> None:
    browser = world.browser().get(f"/network/support/new?urn={world.urn}")
    browser.submit("Begin and tell the school", reason=reason)
    assert browser.status == 422
    assert browser.values("Begin and tell the school")["urn"] == [str(world.urn)]
    assert world.accesses() == []


@pytest.mark.parametrize("urn", ["", "Hope Primary", "999999", "-1", "1" * 30, "١٢٣"])
def test_it_is_to_a_school_that_takes_part(world: World, urn: str) -> None:
    browser = world.browser().get("/network/support/new")
    browser.submit("Begin and tell the school", urn=urn, reason=REASON)
    assert browser.status == 422
    assert browser.values("Begin and tell the school")["reason"] == [REASON]
    assert world.accesses() == []


def test_a_double_click_tells_the_school_once(world: World) -> None:
    browser = world.browser().get(f"/network/support/new?urn={world.urn}")
    values = browser.values("Begin and tell the school") | {"reason": [REASON]}
    second = world.browser().get("/network/support/new")
    token = second.values("Begin and tell the school")["csrf_token"]
    assert browser.post("/network/support/new", values).status == 200
    assert second.post("/network/support/new", values | {"csrf_token": token}).status == 200
    assert len(world.accesses()) == 1
    with saved(world.app) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Email)) == 1


def test_a_school_without_an_administrator_sees_it_later(app: Skillbank) -> None:
    with saved(app) as session:
        school = joined_school()
        former = staff(school, Role.ADMINISTRATOR, active=False)
        operator = PersonFactory(roles=[(Role.OPERATOR, None)])
    browser = Browser(app.test_client()).be(operator).get("/network/support/new")
    browser.submit("Begin and tell the school", urn=str(school.urn), reason=REASON)
    assert browser.status == 200
    with saved(app) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Email)) == 0
        head = actor_for(session.get_one(School, school.urn), Role.ADMINISTRATOR)
    assert former.id != head.person_id
    assert REASON in Browser(app.test_client()).be(head).get("/support-access").text


def test_a_school_reads_of_its_own_only(world: World, client: FlaskClient) -> None:
    world.begin()
    with saved(world.app) as session:
        other_school = session.get_one(School, world.them.urn)
        head = actor_for(other_school, Role.ADMINISTRATOR)
    browser = Browser(client).be(head).get("/support-access")
    assert "Nobody has read your pages" in browser.text
    (access,) = world.accesses()
    token = browser.values("Sign out")
    assert browser.post(f"/support-access/{access.id}/end", token).status == 404
    assert world.accesses()[0].ended_at is None
