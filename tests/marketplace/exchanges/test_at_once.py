"""Two at the same instant, in real threads: one fact comes of it, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import sqlalchemy as sa
from werkzeug.test import TestResponse

from marketplace.accounts.actor import Actor
from marketplace.clock import today
from marketplace.conversations.models import Enquiry, Message
from marketplace.exchanges.models import Exchange, ExchangeEvent, State
from marketplace.exchanges.reviews.models import Review
from marketplace.schools.models import School
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.exchanges.factories import proposed
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted

GRANT = Policy().joining_grant
ROUNDS = 5

Post = tuple[Browser, str, dict[str, Any]]


def at_once(*posts: Post) -> list[TestResponse]:
    """Send forms at the same moment, each in its own thread; redirects are not followed."""
    barrier = Barrier(len(posts))

    def send(post: Post) -> TestResponse:
        browser, path, values = post
        barrier.wait()
        return browser.client.post(path, data=values)

    with ThreadPoolExecutor(len(posts)) as pool:
        return list(pool.map(send, posts))


def agreeing(browser: Browser, exchange_id: int) -> Post:
    """The button of an exchange’s page, ready to be pressed."""
    browser.get(f"/exchanges/{exchange_id}")
    return browser, f"/exchanges/{exchange_id}/agree", browser.values("Agree")


def colleague_of(pair: Pair, acting: Actor) -> Actor:
    with saved(pair.app) as session:
        return actor_for(session.get_one(School, acting.urn))


def count(pair: Pair, table: type) -> int:
    with saved(pair.app) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_of_two_agreed_with_credits_for_one_exactly_one_is(pair: Pair) -> None:
    """Two coordinators of the receiving school agree to two proposals at the same instant."""
    taker, colleague = pair.taker, colleague_of(pair, pair.taker)
    browsers = pair.browser(taker), pair.browser(colleague)
    for number in range(ROUNDS):
        with saved(pair.app):
            listings = [
                posted(taker, kind="request", title=f"Request {number} {n}") for n in (1, 2)
            ]
            ids = [proposed(pair.giver, listing, minutes=GRANT + 600).id for listing in listings]
        answers = at_once(*(agreeing(b, id_) for b, id_ in zip(browsers, ids, strict=True)))
        assert sorted(answer.status_code for answer in answers) == [302, 422]
        refused = next(answer for answer in answers if answer.status_code == 422)
        assert "Your school has 0 credits available and this needs 20 credits" in refused.text
        assert pair.money == {"giver": (GRANT, 0, 1200), "taker": (GRANT, 1200, 0)}
        states = [pair.exchange(exchange_id).state for exchange_id in ids]
        assert sorted(states) == [State.AGREED, State.PROPOSED]
        for exchange_id in ids:
            cancel(browsers[0] if states[ids.index(exchange_id)] == "agreed" else None, exchange_id)
        assert pair.money == {"giver": (GRANT, 0, 0), "taker": (GRANT, 0, 0)}


def cancel(browser: Browser | None, exchange_id: int) -> None:
    if browser is not None:
        browser.get(f"/exchanges/{exchange_id}/cancel").submit("Cancel the exchange")


def test_a_button_pressed_twice_at_the_same_instant_holds_once(pair: Pair) -> None:
    for _ in range(ROUNDS):
        exchange_id = pair.bring(State.PROPOSED, minutes=60)
        browser, twin = pair.browser(pair.giver), pair.browser(pair.giver)
        answers = at_once(agreeing(browser, exchange_id), agreeing(twin, exchange_id))
        assert [answer.status_code for answer in answers] == [302, 302]
        assert pair.money["taker"] == (GRANT, 60, 0)
        cancel(browser, exchange_id)


def test_two_colleagues_confirm_at_the_same_instant_and_pay_once(pair: Pair) -> None:
    colleague = colleague_of(pair, pair.taker)
    for number in range(ROUNDS):
        exchange_id = pair.bring(State.DELIVERED, minutes=60)
        posts = []
        for who in (pair.taker, colleague):
            browser = pair.browser(who).get(f"/exchanges/{exchange_id}")
            values = browser.values("Confirm 1 credit")
            posts.append((browser, f"/exchanges/{exchange_id}/confirm", values))
        answers = at_once(*posts)
        assert sorted(answer.status_code for answer in answers) == [302, 409]
        late = next(answer for answer in answers if answer.status_code == 409)
        assert "of Taker School confirmed" in late.text
        assert pair.money["giver"] == (GRANT + 60 * (number + 1), 0, 0)


def test_agreed_and_withdrawn_at_the_same_instant_is_one_of_both(pair: Pair) -> None:
    for _ in range(ROUNDS):
        exchange_id = pair.bring(State.PROPOSED, minutes=60)
        taker = pair.browser(pair.taker).get(f"/exchanges/{exchange_id}/cancel")
        answers = at_once(
            agreeing(pair.browser(pair.giver), exchange_id),
            (taker, f"/exchanges/{exchange_id}/cancel", taker.values("Cancel the exchange")),
        )
        assert sorted(answer.status_code for answer in answers) == [302, 409]
        held = 60 if pair.exchange(exchange_id).state == State.AGREED else 0
        assert pair.money["taker"] == (GRANT, held, 0)
        if held:
            cancel(taker, exchange_id)


def test_one_proposal_sent_twice_at_the_same_instant_is_made_once(pair: Pair) -> None:
    for number in range(1, ROUNDS + 1):
        with saved(pair.app):
            listing_id = posted(pair.giver).id
        path = f"/listings/{listing_id}/propose"
        browser, twin = pair.browser(pair.taker).get(path), pair.browser(pair.taker).get(path)
        typed = {"details": ["A morning."], "on_date": [today().isoformat()]}
        values = browser.values("Send the proposal") | typed
        twice = values | {"csrf_token": twin.values("Send the proposal")["csrf_token"]}
        answers = at_once((browser, path, values), (twin, path, twice))
        assert [answer.status_code for answer in answers] == [302, 302]
        assert answers[0].location == answers[1].location
        assert [count(pair, t) for t in (Exchange, ExchangeEvent, Enquiry, Message)] == [number] * 4


def test_two_colleagues_ask_at_the_same_instant_in_one_conversation(pair: Pair) -> None:
    colleague = colleague_of(pair, pair.taker)
    for number in range(1, ROUNDS + 1):
        with saved(pair.app):
            listing_id = posted(pair.giver).id
        path = f"/listings/{listing_id}/ask"
        posts = []
        for who in (pair.taker, colleague):
            browser = pair.browser(who).get(path)
            posts.append((browser, path, browser.values("Send") | {"body": ["Would you?"]}))
        answers = at_once(*posts)
        assert [answer.status_code for answer in answers] == [302, 302]
        assert (count(pair, Enquiry), count(pair, Message)) == (number, 2 * number)


def test_both_schools_and_a_colleague_say_at_once_how_it_was(pair: Pair) -> None:
    """Two reviews come of it, one of each school, and both are shown."""
    exchange_id = pair.bring(State.CONFIRMED)
    path = f"/exchanges/{exchange_id}/review"
    posts = []
    for who, again in ((pair.giver, "yes"), (pair.taker, "yes"), (pair.taker, "no")):
        browser = pair.browser(colleague_of(pair, who))
        browser.get(path)
        posts.append((browser, path, browser.values("Send it") | {"again": [again]}))
    answers = at_once(*posts)
    assert sorted(answer.status_code for answer in answers) in ([302, 302, 409], [302, 302, 422])
    with saved(pair.app) as session:
        reviews = session.scalars(sa.select(Review).order_by(Review.author_urn)).all()
        assert {one.author_urn for one in reviews} == {pair.giver.urn, pair.taker.urn}
        assert len(reviews) == 2
        assert all(one.shown_at is not None for one in reviews)
