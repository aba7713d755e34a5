"""One person acts for one side of an exchange, unless the trust of both schools allows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person, RoleGrant
from marketplace.accounts.roles import Role
from marketplace.database import db
from marketplace.errors import NotAllowed
from marketplace.exchanges import service
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.same_person.service import allow_same_person
from marketplace.schools.models import School
from tests.marketplace.accounts.factories import PersonFactory, actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.exchanges.factories import proposed
from tests.marketplace.exchanges.same_person.factories import trust_administrator
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.schools.factories import TrustFactory


def for_other_school(pair: Pair, actor: Actor) -> Actor:
    """The same person as a coordinator of the other school, with the role there."""
    other = pair.giver if actor is pair.taker else pair.taker
    with saved(pair.app) as session:
        session.add(
            RoleGrant(
                person_id=actor.person_id,
                role=Role.COORDINATOR,
                school_urn=other.urn,
                granted_at=datetime.now(UTC),
            )
        )
    return replace(other, person_id=actor.person_id, person_name=actor.person_name)


def put_in_one_trust(pair: Pair, *, allowed: bool | None = None) -> int:
    """Let both schools belong to one trust; ``allowed`` is what its administrator decides."""
    with saved(pair.app) as session:
        trust = TrustFactory()
        for actor in (pair.giver, pair.taker):
            session.get_one(School, actor.urn).trust_id = trust.id
        session.flush()
        if allowed is not None:
            allow_same_person(session, trust_administrator(trust.id, pair.giver), allowed)
        return int(trust.id)


def take(pair: Pair, actor: Actor, exchange_id: int, step: str, version: int) -> None:
    with saved(pair.app) as session:
        exchange = session.get_one(Exchange, exchange_id)
        getattr(service, step)(session, actor, exchange, version=version)


@pytest.mark.parametrize(
    ("state", "step"), [(State.PROPOSED, "agree"), (State.DELIVERED, "confirm")]
)
def test_who_acted_for_one_school_does_not_agree_or_confirm_for_the_other(
    pair: Pair, state: State, step: str
) -> None:
    exchange_id = pair.bring(state)
    actor = pair.taker if step == "agree" else pair.giver
    twice = for_other_school(pair, actor)
    version = pair.exchange(exchange_id).version
    with pytest.raises(NotAllowed) as refusal:
        take(pair, twice, exchange_id, step, version)
    own, other = (pair.giver, "Taker School") if step == "agree" else (pair.taker, "Giver School")
    assert refusal.value.message == (
        f"You have acted for {other} in this exchange, so somebody else has to act for"
        f" {own.school_name}: {own.person_name}."
    )
    assert pair.exchange(exchange_id).state == state


def test_the_page_offers_only_to_end_it_and_says_who_may(pair: Pair) -> None:
    exchange_id = pair.bring(State.PROPOSED)
    twice = for_other_school(pair, pair.taker)
    browser = pair.browser(twice).get(f"/exchanges/{exchange_id}")
    assert f"somebody else has to act for Giver School: {pair.giver.person_name}." in browser.text
    section = browser.page.select_one(".next-step")
    assert section is not None
    assert [button.get_text(strip=True) for button in section.select("a, button")] == ["Decline"]
    browser.get(f"/exchanges/{exchange_id}/decline").submit("Decline")
    assert pair.exchange(exchange_id).state == State.DECLINED


def test_without_another_coordinator_an_administrator_is_asked(pair: Pair) -> None:
    exchange_id = pair.bring(State.PROPOSED)
    twice = for_other_school(pair, pair.taker)
    with saved(pair.app) as session:
        session.get_one(Person, pair.giver.person_id).active = False
    with pytest.raises(NotAllowed, match="ask an administrator of the school to name another"):
        take(pair, twice, exchange_id, "agree", 1)


@pytest.mark.parametrize("allowed", [None, False])
def test_a_trust_that_has_not_allowed_it_is_like_any_other(
    pair: Pair, allowed: bool | None
) -> None:
    exchange_id = pair.bring(State.PROPOSED)
    twice = for_other_school(pair, pair.taker)
    put_in_one_trust(pair, allowed=allowed)
    with pytest.raises(NotAllowed, match="somebody else has to act"):
        take(pair, twice, exchange_id, "agree", 1)


def test_where_the_trust_allows_it_the_exchange_is_marked_and_reported(pair: Pair) -> None:
    other_id = pair.bring(State.AGREED)
    exchange_id = pair.bring(State.PROPOSED)
    twice = for_other_school(pair, pair.taker)
    put_in_one_trust(pair, allowed=True)
    take(pair, twice, exchange_id, "agree", 1)
    assert pair.exchange(exchange_id).same_person is True
    assert pair.exchange(other_id).same_person is False
    browser = pair.browser(pair.giver)
    assert "Same person on both sides" in browser.get(f"/exchanges/{exchange_id}").text
    assert len(browser.get("/exchanges").page.select(".row-item .tag-warning")) >= 1
    with saved(pair.app):
        person = PersonFactory(roles=[(Role.AUDITOR, None)])
        auditor = Actor(person.id, person.name, frozenset({Role.AUDITOR}))
    rows = pair.browser(auditor).get("/network/same-person").page.select("tbody tr")
    assert len(rows) == 1
    assert pair.taker.person_name in rows[0].get_text()


def test_a_step_taken_again_is_not_refused(pair: Pair) -> None:
    """A double click of the one who may, after the other school has gone on."""
    exchange_id = pair.bring(State.PROPOSED)
    for _ in range(2):
        take(pair, pair.giver, exchange_id, "agree", 1)
    assert pair.exchange(exchange_id).version == 2


def test_a_trust_administrator_decides_and_every_decision_stays(pair: Pair) -> None:
    trust_id = put_in_one_trust(pair)
    with saved(pair.app):
        head = trust_administrator(trust_id, pair.giver)
    browser = Browser(pair.app.test_client()).be(head).get("/trust/same-person")
    assert "Nobody has changed it." in browser.text
    browser.submit("Save", allowed="y")
    browser.submit("Save", allowed="y")
    browser.submit("Save", allowed=[])
    titles = [row.get_text(strip=True) for row in browser.page.select("tbody th")]
    assert titles == ["Not allowed", "Allowed"]


def test_what_an_administrator_of_one_school_may_not(pair: Pair) -> None:
    put_in_one_trust(pair)
    with saved(pair.app) as session:
        school = session.get_one(School, pair.giver.urn)
        head = replace(actor_for(school, Role.ADMINISTRATOR), trust_id=school.trust_id)
        with pytest.raises(NotAllowed, match="decide what your trust allows"):
            allow_same_person(session, head, True)


def test_exchanges_of_several_conversations_are_apart(pair: Pair) -> None:
    """A person who gave in one exchange may receive in another, for the other school."""
    pair.bring(State.CONFIRMED)
    twice = for_other_school(pair, pair.giver)
    with saved(pair.app) as session:
        exchange = proposed(twice, posted(pair.giver, title="Another"))
        exchange_id = exchange.id
        session.flush()
        colleague = actor_for(session.get_one(School, pair.giver.urn))
    take(pair, colleague, exchange_id, "agree", 1)
    with pair.app.app_context():
        marked = db.session().scalar(
            sa.select(sa.func.count()).select_from(Exchange).where(Exchange.same_person)
        )
    assert marked == 0
