"""Messages and proposals that cannot be sent: why not, and what was typed stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.clock import today
from marketplace.conversations.models import Enquiry, Message
from marketplace.exchanges.models import Exchange, State
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted

GOOD = {"details": "A morning.", "minutes": "3", "on_date": today().isoformat()}
WRONG = [
    ({"details": ""}, "What will happen: write something here."),
    ({"details": "x" * 4001}, "What will happen: use at most 4,000 characters."),
    (
        {"details": "a\0b"},
        "What will happen: delete what cannot be shown (U+0000).",
    ),
    ({"minutes": "0"}, "The credits must be more than zero."),
    ({"minutes": "-1"}, "The credits must be more than zero."),
    ({"minutes": "0.1"}, "Credits go in steps of 15 minutes"),
    ({"minutes": "101"}, "One exchange may cost at most 100 credits."),
    ({"minutes": "123456789"}, "Credits: write hours as a number"),
    ({"on_date": ""}, "Date: choose a day."),
    ({"on_date": "next Monday"}, f"Date: write a day like {today()} (year, month, day)."),
    ({"on_date": "2026-02-30"}, f"Date: write a day like {today()} (year, month, day)."),
    ({"on_date": "a\0b"}, f"Date: write a day like {today()} (year, month, day)."),
    ({"on_date": (today() - timedelta(days=1)).isoformat()}, "That day is in the past."),
    ({"on_date": "0001-01-01"}, "That day is in the past."),
    ({"on_date": "9999-12-31"}, "That day is more than two years away."),
]


@pytest.mark.parametrize(("wrong", "message"), WRONG)
def test_a_proposal_that_cannot_be_made(pair: Pair, wrong: dict[str, str], message: str) -> None:
    with saved(pair.app):
        listing_id = posted(pair.giver).id
    exchange_id = pair.bring(State.PROPOSED)
    taker = pair.browser(pair.taker)
    for path, button in (
        (f"/listings/{listing_id}/propose", "Send the proposal"),
        (f"/exchanges/{exchange_id}/change", "Send the changed proposal"),
    ):
        taker.get(path).submit(button, **(GOOD | wrong))
        assert taker.status == 422
        assert message in " ".join(taker.errors)
        kept = taker.values(button)
        for name, value in (GOOD | wrong).items():
            if "\0" not in value:
                assert kept[name] == [value]
    with saved(pair.app) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Exchange)) == 1
        assert session.get_one(Exchange, exchange_id).version == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(Enquiry)) == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "Your message: write something here."),
        (" \r\n ", "Your message: write something here."),
        ("x" * 4001, "Your message: use at most 4,000 characters. It has 1 too many."),
        (
            "a\0b",
            "Your message: delete what cannot be shown (U+0000).",
        ),
    ],
)
def test_a_message_that_cannot_be_sent(pair: Pair, body: str, message: str) -> None:
    exchange_id = pair.bring(State.PROPOSED)
    thread = f"/messages/{pair.exchange(exchange_id).enquiry_id}"
    taker = pair.browser(pair.taker).get(thread)
    taker.submit("Send", body=body)
    assert (taker.status, message in taker.errors) == (422, True)
    assert "x" not in body or taker.values("Send")["body"] == [body]
    with saved(pair.app) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Message)) == 1


def test_a_message_sent_twice_is_written_once(pair: Pair) -> None:
    exchange_id = pair.bring(State.PROPOSED)
    thread = f"/messages/{pair.exchange(exchange_id).enquiry_id}"
    taker = pair.browser(pair.taker).get(thread)
    values = taker.values("Send") | {"body": ["Once 🎓 & <b>only</b>"]}
    for _ in range(2):
        taker.post(thread, values)
        assert taker.status == 200
    assert taker.text.count("Once 🎓 & <b>only</b>") == 1


def test_other_words_in_a_form_that_was_sent_already_are_not_lost(pair: Pair) -> None:
    """The browser's Back button shows the form as it was, with the key it was sent with."""
    exchange_id = pair.bring(State.PROPOSED)
    thread = f"/messages/{pair.exchange(exchange_id).enquiry_id}"
    taker = pair.browser(pair.taker).get(thread)
    values = taker.values("Send")
    taker.post(thread, values | {"body": ["The first."]})
    taker.post(thread, values | {"body": ["The second."]})
    assert (taker.status, len(taker.errors)) == (409, 1)
    assert taker.values("Send")["body"] == ["The second."]
    taker.submit("Send")
    assert taker.status == 200
    assert "The first." in taker.text
    assert "The second." in taker.text


@pytest.mark.parametrize("step", ["decline", "cancel"])
def test_a_reason_that_is_too_long_is_kept(pair: Pair, step: str) -> None:
    exchange_id = pair.bring(State.PROPOSED)
    who = pair.giver if step == "decline" else pair.taker
    button = {"decline": "Decline", "cancel": "Cancel the exchange"}[step]
    browser = pair.browser(who).get(f"/exchanges/{exchange_id}/{step}")
    browser.submit(button, reason="x" * 1001)
    assert (browser.status, browser.errors) == (
        422,
        ["Reason: use at most 1,000 characters. It has 1 too many."],
    )
    assert browser.values(button)["reason"] == ["x" * 1001]
    assert pair.exchange(exchange_id).state == State.PROPOSED
    browser.submit(button, reason="x" * 1000)
    assert pair.exchange(exchange_id).version == 2


def test_hours_just_stated_are_changed_until_they_are_confirmed(pair: Pair) -> None:
    exchange_id = pair.bring(State.DELIVERED, minutes=180)
    taker = pair.browser(pair.taker).get(f"/exchanges/{exchange_id}")
    giver = pair.browser(pair.giver).get(f"/exchanges/{exchange_id}")
    assert giver.page.find("a", string="Change what was delivered")
    giver.get(f"/exchanges/{exchange_id}/deliver").submit("Ask for confirmation", minutes="2")
    assert pair.exchange(exchange_id).delivered_minutes == 120
    taker.submit("Confirm 3 credits")
    assert taker.status == 409
    taker.submit("Confirm 2 credits")
    assert pair.exchange(exchange_id).standing_minutes == 120
