"""Two at the same instant in a dispute, in real threads: one fact comes of it."""

from __future__ import annotations

import sqlalchemy as sa

from ledger import Book
from marketplace.exchanges.disputes import service
from marketplace.exchanges.disputes.models import Dispute, Outcome
from marketplace.exchanges.models import Exchange, State
from marketplace.settings import Policy
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.exchanges.factories import answered_dispute, brought_to, disputed
from tests.marketplace.exchanges.test_at_once import Post, at_once, colleague_of
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import operator

GRANT = Policy().joining_grant
ROUNDS = 3
RULING = {"ruling": ["pay"], "minutes": ["1"], "fund_minutes": [""], "reasons": ["So it was."]}


def opening(browser: Browser, exchange_id: int, minutes: str) -> Post:
    """The form that opens a dispute, filled in."""
    path = f"/exchanges/{exchange_id}/dispute"
    values = browser.get(path).values("Open the dispute")
    return browser, path, values | {"text": ["So it was."], "minutes": [minutes]}


def disputes_of(pair: Pair, exchange_id: int) -> list[Dispute]:
    with saved(pair.app) as session:
        query = sa.select(Dispute).where(Dispute.exchange_id == exchange_id)
        return list(session.scalars(query))


def test_both_open_a_dispute_at_once_and_there_is_one(pair: Pair) -> None:
    for _ in range(ROUNDS):
        exchange_id = pair.bring(State.DELIVERED, minutes=60)
        answers = at_once(
            opening(pair.browser(pair.giver), exchange_id, "1"),
            opening(pair.browser(pair.taker), exchange_id, "0"),
        )
        assert sorted(answer.status_code for answer in answers) == [302, 409]
        assert len(disputes_of(pair, exchange_id)) == 1


def test_a_form_pressed_twice_opens_one_dispute(pair: Pair) -> None:
    for _ in range(ROUNDS):
        exchange_id = pair.bring(State.DELIVERED, minutes=60)
        twins = [opening(pair.browser(pair.taker), exchange_id, "0") for _ in range(2)]
        assert [answer.status_code for answer in at_once(*twins)] == [302, 302]
        assert len(disputes_of(pair, exchange_id)) == 1


def test_confirmed_and_disputed_at_once_is_one_of_both(pair: Pair) -> None:
    colleague = colleague_of(pair, pair.taker)
    exchange_id = pair.bring(State.DELIVERED, minutes=60)
    confirming = pair.browser(colleague).get(f"/exchanges/{exchange_id}")
    answers = at_once(
        opening(pair.browser(pair.taker), exchange_id, "0"),
        (confirming, f"/exchanges/{exchange_id}/confirm", confirming.values("Confirm 1 credit")),
    )
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    exchange = pair.exchange(exchange_id)
    paid = 60 if exchange.state == State.CONFIRMED else 0
    assert pair.money["giver"] == (GRANT + paid, 0, 60 - paid)


def test_ruled_and_withdrawn_at_once_is_one_of_both(pair: Pair) -> None:
    for number in range(ROUNDS):
        with saved(pair.app):
            dispute = answered_dispute(minutes=60, giver=pair.giver, taker=pair.taker)
            dispute_id, exchange_id = dispute.id, dispute.exchange_id
            runs = operator()
        before = pair.money["giver"][0]
        ruling, path = pair.browser(runs), f"/network/disputes/{dispute_id}"
        values = ruling.get(path).values("Rule") | RULING
        taker = pair.browser(pair.taker).get(f"/exchanges/{exchange_id}/dispute/withdraw")
        answers = at_once(
            (ruling, path, values),
            (
                taker,
                f"/exchanges/{exchange_id}/dispute/withdraw",
                taker.values("Withdraw the dispute"),
            ),
        )
        assert sorted(answer.status_code for answer in answers) == [302, 409], number
        (dispute,) = disputes_of(pair, exchange_id)
        exchange = pair.exchange(exchange_id)
        if dispute.outcome == Outcome.RULED:
            assert exchange.state == State.CONFIRMED
            assert pair.money["giver"][0] == before + 60
        else:
            assert (dispute.outcome, exchange.state) == (Outcome.WITHDRAWN, State.DELIVERED)
            assert pair.money["giver"][0] == before


def test_two_operators_rule_at_once_and_the_credits_move_once(pair: Pair) -> None:
    with saved(pair.app):
        dispute = answered_dispute(minutes=60, giver=pair.giver, taker=pair.taker)
        path = f"/network/disputes/{dispute.id}"
        browsers = [pair.browser(operator()) for _ in range(2)]
    posts = [(browser, path, browser.get(path).values("Rule") | RULING) for browser in browsers]
    assert sorted(answer.status_code for answer in at_once(*posts)) == [302, 409]
    assert pair.money == {"giver": (GRANT + 60, 0, 0), "taker": (GRANT - 60, 0, 0)}


def test_an_offer_is_accepted_once(pair: Pair) -> None:
    with saved(pair.app) as session:
        exchange = brought_to(State.CONFIRMED, pair.giver, pair.taker, minutes=60)
        disputed(pair.taker, exchange, minutes=0)
        service.make_offer(session, pair.giver, exchange, minutes=30, version=exchange.version)
        exchange_id = exchange.id
    path = f"/exchanges/{exchange_id}/dispute/accept"
    twins = [pair.browser(pair.taker).get(path) for _ in range(2)]
    posts = [(browser, path, browser.values("Accept ½ credit")) for browser in twins]
    assert [answer.status_code for answer in at_once(*posts)] == [302, 302]
    assert pair.money == {"giver": (GRANT + 30, 0, 0), "taker": (GRANT - 30, 0, 0)}
    with saved(pair.app) as session:
        assert Book(session).verify().faults == ()
        assert session.get_one(Exchange, exchange_id).state == State.CONFIRMED
