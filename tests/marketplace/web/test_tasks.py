"""Tasks: those who may do them see them as theirs, others see who may."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from ledger import Book
from marketplace import clock
from marketplace.accounts.models import Person
from marketplace.accounts.roles import Role
from marketplace.application import Skillbank
from marketplace.clock import today
from marketplace.exchanges.models import State
from marketplace.exchanges.service import send_back
from marketplace.schools.models import School
from marketplace.web.tasks import TaskKind, TaskList, Tasks
from tests.marketplace.accounts.factories import PersonFactory, actor_for, staff
from tests.marketplace.browser import Browser
from tests.marketplace.claims.factories import waiting_claim
from tests.marketplace.conversations.factories import asked
from tests.marketplace.exchanges.conftest import Pair, pair
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.schools.factories import SchoolFactory

__all__ = ["pair"]


def rows(browser: Browser) -> list[tuple[str, str, str]]:
    """What, how many credits, and the button of each task that is one's own."""
    return [
        (
            row.select_one(".task-title").get_text(strip=True),
            row.select_one(".task-amount").get_text(strip=True),
            row.select_one(".task-action a").contents[0],
        )
        for row in browser.page.select(".task-table tr:has(.task-action)")
    ]


def headings(browser: Browser) -> list[str]:
    return [heading.get_text(" ", strip=True) for heading in browser.page.select("main h2")]


@pytest.mark.parametrize("role", [Role.MEMBER, Role.FINANCE, Role.ADMINISTRATOR])
def test_who_may_not_act_is_told_who_may(app: Skillbank, client: FlaskClient, role: Role) -> None:
    with saved(app):
        school, other = joined_school(), joined_school()
        us = actor_for(school)
        staff(school, Role.COORDINATOR, name="Sam Lee")
        staff(school, Role.COORDINATOR, name="Jo Bloggs", active=False)
        colleague = actor_for(school, role)
        exchange = brought_to(State.PROPOSED, us, actor_for(other))
    waiting = f"Waiting for your coordinators, {us.person_name} and Sam Lee"
    if us.person_name > "Sam Lee":
        waiting = f"Waiting for your coordinators, Sam Lee and {us.person_name}"
    browser = Browser(client).be(colleague).get("/home")
    assert rows(browser) == []
    assert headings(browser)[:2] == ["Your turn", waiting]
    assert browser.page.select_one(".task-title")["href"] == f"/exchanges/{exchange.id}"
    assert not browser.page.select(".nav-badge")
    for path in ("/exchanges", "/exchanges?show=waiting", f"/exchanges/{exchange.id}"):
        browser.get(path)
        assert f"{waiting}." in browser.text, path
        assert "Your turn" not in browser.text, path
        assert "aiting for you " not in browser.text, path


def test_a_school_without_coordinators_is_told_what_to_do(
    app: Skillbank, client: FlaskClient
) -> None:
    with saved(app):
        school = joined_school()
        us = actor_for(school)
        member = actor_for(school, Role.MEMBER)
        brought_to(State.PROPOSED, us, actor_for(joined_school()))
    with saved(app) as session:
        session.get_one(Person, us.person_id).active = False
    browser = Browser(client).be(member).get("/home")
    assert headings(browser)[1] == (
        "Waiting for a coordinator, and your school has none: ask an administrator to name one"
    )


def test_help_agreed_waits_for_colleagues_to_say_what_was_given(pair: Pair) -> None:
    exchange_id = pair.bring(State.AGREED)
    with saved(pair.app) as session:
        school = session.get_one(School, pair.giver.urn)
        member = actor_for(school, Role.MEMBER)
    text = pair.browser(member).get(f"/exchanges/{exchange_id}").text
    assert (
        f"Waiting for your coordinator, {pair.giver.person_name}: when the help has been given,"
        " they say so here, with its hours." in text
    )


def test_each_kind_of_task_has_its_button(pair: Pair) -> None:
    pair.bring(State.PROPOSED, minutes=60)
    pair.bring(State.AGREED, minutes=120, on_date=today())
    with saved(pair.app) as session:
        asked(pair.taker, posted(pair.giver, title="Chess club"), "May we come?")
        returned = brought_to(State.DELIVERED, pair.giver, pair.taker, minutes=30)
        send_back(session, pair.taker, returned, "It was less.", version=3)
    assert sorted(rows(pair.browser(pair.giver).get("/home"))) == [
        ("Chess club", "", "Reply"),
        ("Phonics coaching", "1 credit", "Answer"),
        ("Phonics coaching", "2 credits", "Say what was given"),
        ("Phonics coaching", "½ credit", "Say what was given"),
    ]
    assert rows(pair.browser(pair.taker).get("/home")) == []


@pytest.mark.parametrize(("days", "shown"), [(6, True), (8, False)])
def test_a_hold_near_its_end_is_a_task_for_both_schools(pair: Pair, days: int, shown: bool) -> None:
    exchange_id = pair.bring(State.AGREED)
    ends = clock.now() + timedelta(days=days)
    hold_id = pair.exchange(exchange_id).hold_id
    with saved(pair.app) as session:
        assert hold_id is not None
        Book(session).extend(hold_id, ends, key="an end", actor="test")
    for who, other in ((pair.giver, "Taker School"), (pair.taker, "Giver School")):
        browser = pair.browser(who).get("/home")
        about = [item.get_text(strip=True) for item in browser.page.select(".task-about")]
        day = ends.astimezone(clock.LONDON)
        words = f"With {other}: its credits are held until {day.day} {day:%b %Y}"
        assert about == ([words] if shown else [])


def test_a_proposal_is_one_task_and_not_a_question_too(pair: Pair) -> None:
    pair.bring(State.PROPOSED)
    browser = pair.browser(pair.giver).get("/home")
    assert [action for _, _, action in rows(browser)] == ["Answer"]
    badges = [
        badge.parent.contents[0].strip() for badge in browser.page.select(".site-nav .nav-badge")
    ]
    assert badges == ["Exchanges"]


def test_the_oldest_comes_first_and_what_waits_for_days_is_marked(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()

    def at(days_ago: int) -> None:
        then: datetime = now - timedelta(days=days_ago)
        monkeypatch.setattr(clock, "now", lambda: then)

    at(3)
    pair.bring(State.PROPOSED, minutes=60)
    at(2)
    pair.bring(State.PROPOSED, minutes=120)
    at(0)
    browser = pair.browser(pair.giver).get("/home")
    assert [amount for _, amount, _ in rows(browser)] == ["1 credit", "2 credits"]
    ages = [
        (age.get_text(strip=True), "is-late" in age["class"])
        for age in browser.page.select(".task-age")
    ]
    assert ages == [("3 days", True), ("2 days", False)]


def test_the_operator_decides_claims(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        operator = PersonFactory(roles=[(Role.OPERATOR, None)])
        auditor = PersonFactory(roles=[(Role.AUDITOR, None)])
        claim_id = waiting_claim(SchoolFactory(name="Hope Primary")).id
    browser = Browser(client).be(operator).get("/home")
    assert rows(browser) == [("Hope Primary", "", "Decide")]
    assert browser.page.select_one(".task-action a")["href"] == f"/network/claims/{claim_id}"
    badges = [badge.parent.contents[0].strip() for badge in browser.page.select(".nav-badge")]
    assert "Schools" in badges
    assert rows(Browser(app.test_client()).be(auditor).get("/home")) == []


def test_two_kinds_cannot_have_one_name() -> None:
    kinds = Tasks()
    kind = TaskKind("bells", "bells.ring", "bells.hear", lambda *_: TaskList([], 0), "bells.all")
    kinds.add(kind)
    with pytest.raises(ValueError, match="bells"):
        kinds.add(kind)
