"""The whole of an exchange, page by page, and where the credits are at each step."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.clock import today
from marketplace.exchanges.models import State
from marketplace.settings import Policy
from marketplace.web.formats import short_day
from tests.marketplace.days import a_school_day
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted

GRANT = Policy().joining_grant
SOON = a_school_day(7)


def test_from_a_question_to_the_credits(pair: Pair) -> None:
    with saved(pair.app):
        listing_id = posted(pair.giver, title="Phonics coaching", minutes=180).id
    taker, giver = pair.browser(pair.taker), pair.browser(pair.giver)

    taker.get("/search?q=phonics").get(f"/listings/{listing_id}/ask")
    taker.submit("Send", body="Could you come to us?")
    assert (taker.status, taker.heading) == (200, "Giver School")
    assert "Could you come to us?" in taker.text

    giver.get("/messages")
    assert "Taker School" in giver.text
    assert "Needs your reply" in giver.text
    thread = giver.page.select_one("a.row-link")["href"]
    giver.get(thread).submit("Send", body="Gladly, on Monday.")
    assert "Gladly, on Monday." in giver.text

    taker.get(f"{thread}/propose")
    assert taker.values("Send the proposal")["minutes"] == ["3"]
    taker.submit("Send the proposal", details="A morning.", minutes="3", on_date=SOON.isoformat())
    assert taker.flashes == ["Proposed. The other school has been asked to agree."]
    assert pair.money == {"giver": (GRANT, 0, 0), "taker": (GRANT, 0, 0)}
    here = taker.path

    giver.get(here).submit("Agree")
    assert giver.flashes == ["Agreed. The credits are held until the help has been given."]
    assert pair.money == {"giver": (GRANT, 0, 180), "taker": (GRANT, 180, 0)}

    giver.get(f"{here}/deliver").submit(
        "Ask for confirmation", minutes="2.5", on_date=today().isoformat(), note="All went well."
    )
    assert giver.flashes == ["The other school has been asked to confirm."]
    assert pair.money == {"giver": (GRANT, 0, 180), "taker": (GRANT, 180, 0)}

    taker.get(here).submit("Confirm 2½ credits")
    assert taker.flashes == ["Confirmed. The credits have moved."]
    assert pair.money == {"giver": (GRANT + 150, 0, 0), "taker": (GRANT - 150, 0, 0)}
    assert taker.buttons == ["Sign out"]

    history = [item.get_text(" ", strip=True) for item in taker.page.select(".timeline-title")]
    assert history == [
        "Taker School confirmed",
        f"Giver School said it is delivered: 2½ credits, {short_day(today())}",
        "Giver School agreed",
        f"Taker School proposed it: 3 credits, {short_day(SOON)}",
    ]
    who = [item.get_text(" ", strip=True) for item in taker.page.select(".timeline-meta")]
    assert [line.split(",")[0] for line in who] == [
        pair.taker.person_name,
        pair.giver.person_name,
        pair.giver.person_name,
        pair.taker.person_name,
    ]
    assert len(taker.page.select(".timeline-meta time[datetime]")) == 4

    taker.get(taker.page.select_one('a[href*="/credits/transactions/"]')["href"])
    assert "Phonics coaching" in taker.heading
    assert "Giver School" in taker.text


def test_a_request_is_paid_by_the_school_that_asked_for_it(pair: Pair) -> None:
    with saved(pair.app):
        listing_id = posted(pair.taker, kind="request", title="Help with phonics").id
    giver = pair.browser(pair.giver).get(f"/listings/{listing_id}/propose")
    assert "You help Taker School" in giver.text
    giver.submit("Send the proposal", details="I come.", minutes="1", on_date=SOON.isoformat())
    here = giver.path
    assert "Agree" not in giver.buttons
    taker = pair.browser(pair.taker).get(here)
    assert "Agreeing holds 1 credit of your school’s credits." in taker.text
    assert "You have 20 available; this leaves 19." in taker.text
    taker.submit("Agree")
    assert pair.money == {"giver": (GRANT, 0, 60), "taker": (GRANT, 60, 0)}


@pytest.mark.parametrize(
    ("state", "who", "step", "button", "then"),
    [
        (State.PROPOSED, "giver", "decline", "Decline", State.DECLINED),
        (State.PROPOSED, "taker", "cancel", "Cancel the exchange", State.CANCELLED),
        (State.AGREED, "giver", "cancel", "Cancel the exchange", State.CANCELLED),
        (State.AGREED, "taker", "cancel", "Cancel the exchange", State.CANCELLED),
        (State.DELIVERED, "giver", "cancel", "Cancel the exchange", State.CANCELLED),
    ],
)
def test_what_comes_to_nothing_holds_nothing(
    pair: Pair, state: State, who: str, step: str, button: str, then: State
) -> None:
    exchange_id = pair.bring(state)
    browser = pair.browser(getattr(pair, who))
    browser.get(f"/exchanges/{exchange_id}/{step}").submit(button, reason="Sorry, a burst pipe.")
    assert (browser.status, browser.path) == (200, f"/exchanges/{exchange_id}")
    assert pair.exchange(exchange_id).state == then
    assert pair.money == {"giver": (GRANT, 0, 0), "taker": (GRANT, 0, 0)}
    assert "Sorry, a burst pipe." in browser.text


def test_what_was_sent_back_is_stated_again(pair: Pair) -> None:
    exchange_id = pair.bring(State.DELIVERED)
    taker = pair.browser(pair.taker).get(f"/exchanges/{exchange_id}/send-back")
    taker.submit("Send it back", reason="")
    assert taker.status == 422
    assert taker.errors == ["Say what is not right, so that it can be put right."]
    taker.submit("Send it back", reason="It was two hours.")
    assert pair.exchange(exchange_id).state == State.AGREED
    assert pair.money["taker"] == (GRANT, 180, 0)
    giver = pair.browser(pair.giver).get(f"/exchanges/{exchange_id}/deliver")
    giver.submit("Ask for confirmation", minutes="2", on_date=today().isoformat())
    taker.get(f"/exchanges/{exchange_id}").submit("Confirm 2 credits")
    assert pair.money == {"giver": (GRANT + 120, 0, 0), "taker": (GRANT - 120, 0, 0)}


def test_a_changed_proposal_is_the_other_schools_to_agree(pair: Pair) -> None:
    exchange_id = pair.bring(State.PROPOSED)
    giver = pair.browser(pair.giver).get(f"/exchanges/{exchange_id}/change")
    typed = {"details": "Only an hour.", "minutes": "1", "on_date": SOON.isoformat()}
    giver.submit("Send the changed proposal", **typed)
    assert giver.flashes == ["Changed. It is now the other school’s turn to agree."]
    assert "Agree" not in giver.buttons
    pair.browser(pair.taker).get(f"/exchanges/{exchange_id}").submit("Agree")
    assert pair.money == {"giver": (GRANT, 0, 60), "taker": (GRANT, 60, 0)}


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("3.25", "3 credits were agreed and are held, so no more than that can be delivered."),
        ("1.1", "Credits go in steps of 15 minutes (¼ credit)"),
        ("0", "The credits must be more than zero."),
        ("-1", "The credits must be more than zero."),
        ("", "write hours as a number"),
        ("1e3", "write hours as a number"),
    ],
)
def test_hours_that_cannot_have_been_delivered(pair: Pair, typed: str, message: str) -> None:
    exchange_id = pair.bring(State.AGREED)
    giver = pair.browser(pair.giver).get(f"/exchanges/{exchange_id}/deliver")
    giver.submit("Ask for confirmation", minutes=typed, note="Lovely school.")
    assert giver.status == 422
    assert message in giver.errors[0]
    kept = giver.values("Ask for confirmation")
    assert (kept["minutes"], kept["note"]) == ([typed], ["Lovely school."])
    assert pair.exchange(exchange_id).state == State.AGREED


def test_help_is_not_delivered_before_its_day(pair: Pair) -> None:
    exchange_id = pair.bring(State.AGREED)
    giver = pair.browser(pair.giver).get(f"/exchanges/{exchange_id}/deliver")
    for typed, message in (
        ((today() + timedelta(days=1)).isoformat(), "That day has not come yet."),
        ("1026-01-01", "That day is long before the proposal. Check the year."),
    ):
        giver.submit("Ask for confirmation", on_date=typed)
        assert (giver.status, giver.errors) == (422, [message])
        assert giver.values("Ask for confirmation")["on_date"] == [typed]


def test_beyond_the_limit_nothing_is_proposed_by_the_school_that_would_pay(pair: Pair) -> None:
    exchange_id = pair.bring(State.PROPOSED, minutes=GRANT + 600)
    giver = pair.browser(pair.giver)
    giver.get(f"/exchanges/{exchange_id}/change")
    assert "available" not in giver.page.find("main").get_text()
    giver.submit("Send the changed proposal", minutes="20.25")
    taker = pair.browser(pair.taker).get(f"/exchanges/{exchange_id}/change")
    assert "You have 20 available; this is ¼ more than you have." in taker.text
    taker.submit("Send the changed proposal", minutes="20.5")
    assert taker.status == 422
    assert "You have 20 available; this is ½ more than you have." in taker.text
    assert taker.errors == [
        "Your school has 20 credits available and this needs 20½ credits. Propose fewer hours, or"
        " wait until credits have been earned."
    ]
    assert taker.values("Send the changed proposal")["minutes"] == ["20.5"]


def test_beyond_the_limit_nothing_is_agreed_and_the_payer_reads_its_numbers(pair: Pair) -> None:
    exchange_id = pair.bring(State.PROPOSED, minutes=GRANT + 600)
    giver = pair.browser(pair.giver).get(f"/exchanges/{exchange_id}/change")
    giver.submit("Send the changed proposal", minutes="20.25")
    taker = pair.browser(pair.taker).get(f"/exchanges/{exchange_id}").submit("Agree")
    assert taker.status == 422
    assert taker.errors == [
        "Your school has 20 credits available and this needs 20¼ credits, so it cannot be agreed"
        " yet. Agree fewer hours, or wait until credits have been earned."
    ]
    assert pair.exchange(exchange_id).state == State.PROPOSED
    assert pair.money == {"giver": (GRANT, 0, 0), "taker": (GRANT, 0, 0)}
    pair.bring(State.AGREED, minutes=GRANT + 600)


def test_held_credits_count_and_the_other_school_reads_no_figures(pair: Pair) -> None:
    exchange_id = pair.bring(State.PROPOSED, minutes=75)
    pair.bring(State.AGREED, minutes=1140)
    giver = pair.browser(pair.giver).get(f"/exchanges/{exchange_id}").submit("Agree")
    assert giver.status == 422
    assert giver.errors == [
        "Taker School does not have enough credits at the moment, so it cannot be agreed yet. Agree"
        " fewer hours, or wait until it has earned some."
    ]
    assert not any(figure in giver.errors[0] for figure in "0123456789½¼¾")
    assert pair.exchange(exchange_id).state == State.PROPOSED
