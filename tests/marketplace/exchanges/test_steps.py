"""Every step in every state by either school, and what becomes of steps that come too late."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from ledger import Book
from marketplace.clock import today
from marketplace.conversations.models import Enquiry, Message
from marketplace.exchanges.frozen.service import let_payment_through
from marketplace.exchanges.models import Exchange, ExchangeEvent, State
from marketplace.schools.models import School
from marketplace.settings import Policy
from tests.ledger.keys import new_key
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import operator

GRANT = Policy().joining_grant

# What the giver (who was asked) and the taker (who proposed and pays) may do in each state.
LEGAL = {
    State.PROPOSED: {"giver": {"agree", "change", "decline"}, "taker": {"change", "cancel"}},
    State.AGREED: {"giver": {"deliver", "cancel"}, "taker": {"cancel"}},
    State.DELIVERED: {"giver": {"cancel", "deliver"}, "taker": {"confirm", "send-back"}},
    State.CONFIRMED: {"giver": set(), "taker": set()},
    State.DISPUTED: {"giver": set(), "taker": set()},
    State.DECLINED: {"giver": set(), "taker": set()},
    State.CANCELLED: {"giver": set(), "taker": set()},
    State.LAPSED: {"giver": set(), "taker": set()},
}
STEPS: dict[str, dict[str, str]] = {
    "agree": {},
    "change": {"details": "An hour.", "minutes": "1", "on_date": today().isoformat()},
    "decline": {"reason": "No."},
    "cancel": {"reason": "No."},
    "deliver": {"minutes": "1", "on_date": today().isoformat()},
    "send-back": {"reason": "No."},
    "confirm": {},
}


def send(browser: Browser, exchange_id: int, step: str, version: int, **typed: str) -> Browser:
    """Send the step as a page that was opened at ``version`` would, whatever is shown now."""
    token = browser.get("/home").values("Sign out")["csrf_token"]
    values: dict[str, Any] = {"csrf_token": token, "version": [str(version)]}
    values |= {name: [value] for name, value in (STEPS[step] | typed).items()}
    return browser.post(f"/exchanges/{exchange_id}/{step}", values)


@pytest.mark.parametrize("state", list(State))
def test_every_step_by_either_school(pair: Pair, state: State) -> None:
    browsers = {"giver": pair.browser(pair.giver), "taker": pair.browser(pair.taker)}
    found: dict[str, set[str]] = {"giver": set(), "taker": set()}
    for side, browser in browsers.items():
        for step in STEPS:
            exchange_id = pair.bring(state, minutes=60)
            before = pair.exchange(exchange_id)
            browser.get(f"/exchanges/{exchange_id}")
            links = {a["href"].rsplit("/", 1)[1] for a in browser.page.select(".next-step a")}
            forms = {
                form["action"].rsplit("/", 1)[1] for form in browser.page.select(".next-step form")
            }
            offered = step in links | forms
            send(browser, exchange_id, step, before.version)
            after = pair.exchange(exchange_id)
            if after.version == before.version + 1:
                found[side].add(step)
                assert browser.status == 200
                assert offered
            else:
                assert browser.status == 409, (side, step)
                assert browser.errors == [
                    f"This cannot be done now: the exchange is {state.value}."
                ]
                assert (after.state, after.version) == (before.state, before.version)
                assert not offered
    assert found == LEGAL[state]


@pytest.mark.parametrize("step", ["agree", "decline", "change"])
def test_of_two_colleagues_the_later_one_is_told_who_was_first(pair: Pair, step: str) -> None:
    exchange_id = pair.bring(State.PROPOSED)
    with saved(pair.app) as session:
        colleague = actor_for(session.get_one(School, pair.giver.urn))
    first, second = pair.browser(pair.giver), pair.browser(colleague)
    send(first, exchange_id, "agree", 1)
    send(second, exchange_id, step, 1)
    assert second.status == 409
    assert (
        f"Since you opened the page, {pair.giver.person_name} of Giver School agreed"
        in (second.errors[0])
    )
    assert "The exchange is now agreed: look again, then decide." in second.errors[0]
    assert pair.exchange(exchange_id).version == 2
    if step == "change":
        assert second.values("Send the changed proposal")["details"] == ["An hour."]


def test_a_proposal_that_was_changed_is_not_agreed_unseen(pair: Pair) -> None:
    exchange_id = pair.bring(State.PROPOSED)
    giver = pair.browser(pair.giver).get(f"/exchanges/{exchange_id}")
    send(pair.browser(pair.taker), exchange_id, "change", 1)
    giver.submit("Agree")
    assert giver.status == 409
    assert "changed the proposal" in giver.errors[0]
    assert pair.exchange(exchange_id).state == State.PROPOSED
    giver.submit("Agree")
    assert pair.exchange(exchange_id).state == State.AGREED
    assert pair.money["taker"] == (GRANT, 60, 0)


@pytest.mark.parametrize(
    ("state", "who", "step"),
    [
        (State.PROPOSED, "giver", "agree"),
        (State.PROPOSED, "giver", "decline"),
        (State.AGREED, "giver", "deliver"),
        (State.AGREED, "taker", "cancel"),
        (State.DELIVERED, "taker", "confirm"),
        (State.DELIVERED, "taker", "send-back"),
    ],
)
def test_a_double_click_does_a_step_once_and_is_no_error(
    pair: Pair, state: State, who: str, step: str
) -> None:
    exchange_id = pair.bring(state)
    version = pair.exchange(exchange_id).version
    browser = pair.browser(getattr(pair, who))
    answers = []
    for _ in range(2):
        send(browser, exchange_id, step, version)
        answers.append((browser.status, browser.path, pair.money))
    assert answers[0] == answers[1]
    assert answers[0][0] == 200
    with saved(pair.app) as session:
        steps = session.scalars(
            sa.select(ExchangeEvent.version).where(ExchangeEvent.exchange_id == exchange_id)
        ).all()
    assert steps == list(range(1, version + 2))


def test_other_hours_from_a_second_tab_are_not_passed_over_as_a_double_click(pair: Pair) -> None:
    exchange_id = pair.bring(State.AGREED, minutes=120)
    path = f"/exchanges/{exchange_id}/deliver"
    first, second = pair.browser(pair.giver).get(path), pair.browser(pair.giver).get(path)
    first.submit("Ask for confirmation", minutes="2")
    second.submit("Ask for confirmation", minutes="1")
    assert second.status == 409
    assert "said it is delivered" in second.errors[0]
    assert pair.exchange(exchange_id).delivered_minutes == 120


def test_other_terms_from_a_second_tab_are_not_passed_over_as_a_double_click(pair: Pair) -> None:
    exchange_id = pair.bring(State.PROPOSED, minutes=60)
    path = f"/exchanges/{exchange_id}/change"
    first, second = pair.browser(pair.taker).get(path), pair.browser(pair.taker).get(path)
    first.submit("Send the changed proposal", minutes="2")
    second.submit("Send the changed proposal", minutes="3")
    assert (second.status, pair.exchange(exchange_id).minutes) == (409, 120)
    second.submit("Send the changed proposal")
    assert (second.status, pair.exchange(exchange_id).minutes) == (200, 180)


def test_a_proposal_sent_twice_is_made_once(pair: Pair) -> None:
    with saved(pair.app):
        listing_id = posted(pair.giver).id
    taker = pair.browser(pair.taker).get(f"/listings/{listing_id}/propose")
    values = taker.values("Send the proposal") | {
        "details": ["A morning."],
        "on_date": [today().isoformat()],
    }
    first = taker.post(f"/listings/{listing_id}/propose", values).path
    second = taker.post(f"/listings/{listing_id}/propose", values).path
    assert first == second
    with saved(pair.app) as session:
        for table in (Exchange, Enquiry, Message):
            assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 1
    values["minutes"] = ["2"]
    taker.post(f"/listings/{listing_id}/propose", values)
    assert (taker.status, len(taker.errors)) == (409, 1)
    assert taker.submit("Send the proposal").path not in (first, second)
    with saved(pair.app) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Exchange)) == 2


def close(pair: Pair, who: str) -> None:
    with saved(pair.app) as session:
        session.get_one(School, getattr(pair, who).urn).status = "closed"


def freeze(pair: Pair, who: str) -> None:
    with saved(pair.app) as session:
        code = f"school:{getattr(pair, who).urn}"
        Book(session).freeze(code, actor="person:1", memo="an enquiry", key=new_key())


@pytest.mark.parametrize("step", ["agree", "change"])
def test_nothing_is_agreed_with_a_school_that_has_closed(pair: Pair, step: str) -> None:
    exchange_id = pair.bring(State.PROPOSED)
    close(pair, "taker")
    giver = send(pair.browser(pair.giver), exchange_id, step, 1)
    assert giver.status == 422
    assert giver.errors == ["Taker School has closed, so nothing can be agreed with it."]
    assert pair.money["taker"] == (GRANT, 0, 0)
    send(giver, exchange_id, "decline", 1)
    assert pair.exchange(exchange_id).state == State.DECLINED


def test_nothing_is_proposed_to_a_school_that_has_closed(pair: Pair) -> None:
    with saved(pair.app):
        listing_id = posted(pair.giver).id
    close(pair, "giver")
    taker = pair.browser(pair.taker).get(f"/listings/{listing_id}/propose")
    taker.submit("Send the proposal", details="A morning.", on_date=today().isoformat())
    assert taker.status == 422
    assert taker.errors == ["Giver School has closed, so nothing can be agreed with it."]
    with saved(pair.app) as session:
        for table in (Exchange, Enquiry, Message):
            assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 0


@pytest.mark.parametrize("who", ["giver", "taker"])
def test_nothing_is_held_with_a_frozen_account(pair: Pair, who: str) -> None:
    exchange_id = pair.bring(State.PROPOSED)
    freeze(pair, who)
    giver = send(pair.browser(pair.giver), exchange_id, "agree", 1)
    assert giver.status == 422
    name = {"giver": "Giver School", "taker": "Taker School"}[who]
    assert giver.errors == [
        f"The account of {name} is frozen, so no credits can be held with it. Ask the network’s"
        " operator why."
    ]
    assert pair.exchange(exchange_id).state == State.PROPOSED


@pytest.mark.parametrize("who", ["giver", "taker"])
def test_what_was_held_before_a_freeze_is_paid_when_the_operator_lets_it(
    pair: Pair, who: str
) -> None:
    exchange_id = pair.bring(State.DELIVERED)
    freeze(pair, who)
    taker = send(pair.browser(pair.taker), exchange_id, "confirm", 3)
    assert taker.status == 422
    assert f"The account of {getattr(pair, who).school_name} is frozen" in taker.errors[0]
    assert pair.money["taker"] == (GRANT, 180, 0)
    with saved(pair.app) as session:
        let_payment_through(session, operator(), exchange_id, "The help was given before.")
    send(taker, exchange_id, "confirm", 3)
    assert pair.money == {"giver": (GRANT + 180, 0, 0), "taker": (GRANT - 180, 0, 0)}


def test_a_hold_that_was_released_elsewhere_stops_the_credits_not_the_people(pair: Pair) -> None:
    exchange_id = pair.bring(State.DELIVERED)
    with saved(pair.app) as session:
        hold_id = session.get_one(Exchange, exchange_id).hold_id
        assert hold_id is not None
        Book(session).void(hold_id, key="by the operator", actor="person:1")
    taker = send(pair.browser(pair.taker), exchange_id, "confirm", 3)
    assert taker.status == 422
    assert "no longer held" in taker.errors[0]
    send(taker, exchange_id, "send-back", 3)
    send(taker, exchange_id, "cancel", 4)
    assert pair.exchange(exchange_id).state == State.CANCELLED
    assert pair.money == {"giver": (GRANT, 0, 0), "taker": (GRANT, 0, 0)}
