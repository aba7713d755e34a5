"""The words that differ by side: who helps whom, whose credits, whose turn, on every page."""

from __future__ import annotations

from datetime import date

import pytest

from marketplace.clock import today
from marketplace.exchanges.models import State
from tests.marketplace.browser import Browser
from tests.marketplace.conversations.factories import asked
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.exchanges.factories import proposed
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted

WORDS = {"giver": "You help Taker School", "taker": "Giver School helps you"}
OTHER_WORDS = {"giver": "Giver School helps you", "taker": "You help Taker School"}


def browsers(pair: Pair) -> dict[str, Browser]:
    return {"giver": pair.browser(pair.giver), "taker": pair.browser(pair.taker)}


@pytest.mark.parametrize("state", list(State))
def test_the_list_and_the_page_say_who_helps_whom(pair: Pair, state: State) -> None:
    exchange_id = pair.bring(state)
    for side, browser in browsers(pair).items():
        browser.get("/exchanges?show=all")
        assert [row.get_text(strip=True) for row in browser.page.select(".row-about")] == [
            WORDS[side]
        ]
        browser.get(f"/exchanges/{exchange_id}")
        assert WORDS[side] in browser.text
        assert OTHER_WORDS[side] not in browser.text


def short(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


@pytest.mark.parametrize(
    ("state", "side", "words", "action"),
    [
        (State.PROPOSED, "giver", "Taker School asks for your help on {day}", "Answer"),
        (State.AGREED, "giver", "You agreed to help Taker School on {day}", "Say what was given"),
        (
            State.DELIVERED,
            "taker",
            "Giver School says that it helped you on {day}",
            "Confirm",
        ),
    ],
)
def test_home_shows_what_waits_to_the_side_whose_turn_it_is(
    pair: Pair, state: State, side: str, words: str, action: str
) -> None:
    pair.bring(state, on_date=today())
    for one, browser in browsers(pair).items():
        browser.get("/home")
        about = [row.get_text(strip=True) for row in browser.page.select(".task-about")]
        actions = [link.contents[0] for link in browser.page.select(".task-action a")]
        if one == side:
            assert (about, actions) == ([words.format(day=short(today()))], [action])
        else:
            assert (about, actions) == ([], [])


@pytest.mark.parametrize("kind", ["offer", "request"])
def test_a_proposal_in_a_conversation_says_whose_credits_are_held(pair: Pair, kind: str) -> None:
    """The school behind an offer gives, the one behind a request receives; both may propose."""
    owner, other = (pair.giver, pair.taker) if kind == "offer" else (pair.taker, pair.giver)
    with saved(pair.app):
        listing = posted(owner, kind=kind)
        enquiry_id, listing_id = asked(other, listing).id, listing.id
    paths = {
        "giver": [f"/messages/{enquiry_id}/propose"],
        "taker": [f"/messages/{enquiry_id}/propose"],
    }
    paths["taker" if kind == "offer" else "giver"].append(f"/listings/{listing_id}/propose")
    held = {
        "giver": "When Taker School agrees, its credits are held for you. They move when it"
        " confirms what you delivered.",
        "taker": "When Giver School agrees, your credits are held. They move when you confirm"
        " what was delivered.",
    }
    for side, browser in browsers(pair).items():
        for path in paths[side]:
            browser.get(path)
            assert f"{WORDS[side]}: Phonics coaching" in browser.text
            assert OTHER_WORDS[side] not in browser.text
            assert [words in browser.text for words in held.values()] == [
                one == side for one in held
            ]


def test_what_is_next_and_the_history_name_the_right_school(pair: Pair) -> None:
    with saved(pair.app):
        exchange_id = proposed(pair.taker, posted(pair.giver)).id
    giver, taker = browsers(pair).values()
    assert "Your turn: agree, change or decline" in giver.get(f"/exchanges/{exchange_id}").text
    assert "has been asked to agree" in taker.get(f"/exchanges/{exchange_id}").text
    for browser in (giver, taker):
        titles = [item.get_text(" ", strip=True) for item in browser.page.select(".timeline-title")]
        assert [title.partition(" proposed")[0] for title in titles] == ["Taker School"]
