"""Every button that a page shows does something for who sees it, and who may do it has a button."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from marketplace.accounts.actor import Actor
from marketplace.accounts.current_user import actor_of
from marketplace.accounts.models import Person
from marketplace.accounts.roles import Role
from marketplace.accounts.service import grant_role
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.exchanges.disputes.service import make_offer
from marketplace.exchanges.models import State
from marketplace.network.succession import succeed_by_register
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.adjustments.factories import proposed as proposed_adjustment
from tests.marketplace.audit.factories import proposed_closing
from tests.marketplace.browser import Browser, values_of
from tests.marketplace.claims.factories import waiting_claim
from tests.marketplace.exchanges.corrections.factories import asked
from tests.marketplace.exchanges.factories import answered_dispute, brought_to
from tests.marketplace.exchanges.frozen.factories import frozen_delivery
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import (
    auditor,
    close,
    joined_school,
    operator,
    proposed_succession,
)
from tests.marketplace.schools.factories import SchoolFactory

TYPED = {
    "answer": "As the visitors’ book says.",
    "details": "A morning.",
    "fund_minutes": "0",
    "minutes": "0.5",
    "note": "The head’s letter.",
    "other": "199999",
    "reason": "As the visitors’ book says.",
    "reasons": "As the visitors’ book says.",
    "ruling": "pay",
    "text": "She stayed until noon.",
    "to": "another",
}
"""What is typed into the fields that a page leaves empty."""

ORIGIN = {"Origin": "http://localhost"}
STEPS = {
    "proposed": ("", "/change", "/decline"),
    "agreed": ("/deliver",),
    "delivered": ("", "/send-back", "/dispute"),
    "delivered by them": ("",),
    "disputed": ("/dispute/answer", "/dispute/accept"),
    "to be put right": ("", "/correction/decline"),
}
"""The pages of each exchange on which a button is."""


@dataclass
class World:
    """Two schools' people and the network's, each with the pages on which they decide."""

    schools: dict[str, Actor]
    network: dict[str, Actor]
    of_schools: dict[str, list[str]]
    of_network: dict[str, list[str]]


@pytest.fixture
def world(app: Skillbank, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Nothing that anybody does in it is kept, so that everybody finds the same."""
    with saved(app) as session:
        ash, beech = joined_school(name="Ash School"), joined_school(name="Beech School")
        giver, taker = actor_for(ash), actor_for(beech)
        at_ash = actor_for(ash)
        both = session.get_one(Person, at_ash.person_id)
        grant_role(session, both, Role.COORDINATOR, beech)
        at_beech = actor_of(both, frozenset({Role.COORDINATOR}), beech)
        proposer, partial = operator(), operator()
        grant_role(session, session.get_one(Person, partial.person_id), Role.MEMBER, ash)
        schools = {
            "giver": giver,
            "taker": taker,
            "one person, at the giver": at_ash,
            "one person, at the taker": at_beech,
            "a member of the giver": actor_for(ash, Role.MEMBER),
        }
        network = {
            "the proposer": proposer,
            "another operator": operator(),
            "an operator who works at the giver": partial,
            "an auditor": auditor(),
        }
        closed, frozen = joined_school(), joined_school()
        grant_role(session, session.get_one(Person, partial.person_id), Role.MEMBER, frozen)
        SchoolFactory(urn=int(TYPED["other"]))
        close(closed)
        succeed_by_register(session, closed.urn, Policy())
        of_schools = {
            name: [f"/exchanges/{number}{step}" for step in STEPS[name]]
            for name, number in exchanges_of(giver, taker, at_ash, at_beech).items()
        }
        ruling = answered_dispute(giver=giver, taker=taker, minutes=60).id
        payment = frozen_delivery(actor_for(frozen), taker).id
        grant = proposed_adjustment(proposer, urn=ash.urn).id
        of_network = {
            "adjustment": [
                f"/network/adjustments/{grant}",
                f"/network/adjustments/{grant}/refuse",
            ],
            "ruling": [f"/network/disputes/{ruling}"],
            "frozen payment": [f"/network/frozen-payments/{payment}"],
            "successor": [f"/network/successions/{proposed_succession().from_urn}"],
            "successor to propose": [f"/network/successions/{closed.urn}"],
            "closing": [f"/credits/book/periods/{proposed_closing(session, proposer).id}"],
            "claim": [f"/network/claims/{waiting_claim(SchoolFactory()).id}"],
        }
    app.config["WTF_CSRF_ENABLED"] = False
    with monkeypatch.context() as patch:
        patch.setattr(db.session, "commit", db.session.rollback)
        yield World(schools, network, of_schools, of_network)


def exchanges_of(giver: Actor, taker: Actor, at_ash: Actor, at_beech: Actor) -> dict[str, int]:
    """Exchanges in which one person has acted for one of the sides, by what is decided next."""
    exchanges = {
        state.value: brought_to(state, giver, at_beech, minutes=60)
        for state in (State.PROPOSED, State.AGREED, State.DELIVERED, State.DISPUTED)
    }
    exchanges["delivered by them"] = brought_to(State.DELIVERED, at_ash, taker, minutes=60)
    offered = exchanges[State.DISPUTED]
    make_offer(db.session(), at_beech, offered, minutes=30, version=offered.version)
    paid = exchanges["to be put right"] = brought_to(State.CONFIRMED, giver, at_beech, minutes=60)
    asked(at_beech, paid, 30)
    return {name: exchange.id for name, exchange in exchanges.items()}


def buttons_of(browser: Browser) -> dict[str, dict[str, list[str]]]:
    """What each button on the page sends, by its address."""
    buttons = {}
    for button in browser.page.select("main form[method=post] button"):
        form = button.find_parent("form")
        action = button.get("formaction") or form.get("action") or browser.path
        values = {name: sent if any(sent) else [] for name, sent in values_of(form).items()}
        for field in form.select("[name]"):
            if not values.get(field["name"]) and field["name"] in TYPED:
                values[field["name"]] = [TYPED[field["name"]]]
        buttons[action] = values
    return buttons


@pytest.mark.parametrize("whose", ["schools", "network"])
def test_whoever_sees_a_button_may_press_it_and_nobody_else(
    app: Skillbank, world: World, whose: str
) -> None:
    people: dict[str, Actor] = getattr(world, whose)
    pages: dict[str, list[str]] = getattr(world, f"of_{whose}")
    browsers = {who: Browser(app.test_client()).be(actor) for who, actor in people.items()}
    surprises = []
    for name, paths in pages.items():
        seen = {
            who: {
                action: values
                for path in paths
                for action, values in buttons_of(browser.get(path)).items()
            }
            for who, browser in browsers.items()
        }
        actions = {action: values for shown in seen.values() for action, values in shown.items()}
        assert actions, f"nobody has a button for {name}"
        for action, values in actions.items():
            for who, browser in browsers.items():
                sent = seen[who].get(action, values)
                status = browser.client.post(action, data=sent, headers=ORIGIN).status_code
                if (status == 302) != (action in seen[who]):
                    surprises.append((name, action, who, status))
    assert surprises == []
