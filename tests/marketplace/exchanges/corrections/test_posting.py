"""A payment is reversed and posted anew: one group, limits after both, the same key once."""

from __future__ import annotations

import pytest

from ledger import Book, Override, Transaction
from marketplace.database import db
from marketplace.errors import Refusal
from marketplace.exchanges.corrections.posting import BeyondLimit, Reposting, repost
from marketplace.exchanges.models import Exchange, State
from marketplace.settings import Policy
from tests.ledger.keys import new_key
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.factories import saved

GRANT, LIMIT = Policy().joining_grant, Policy().credit_limit
TWO_PEOPLE = Override("person:1 and person:2", "Both schools want it.")


def put_right(
    pair: Pair,
    exchange_id: int,
    minutes: int,
    *,
    key: str = "",
    override: Override | None = None,
    viewer_urn: int | None = None,
) -> Reposting:
    with saved(pair.app) as session:
        return repost(
            session,
            session.get_one(Exchange, exchange_id),
            minutes,
            actor_name="person:1",
            key=key or new_key(),
            memo="Put right",
            override=override,
            viewer_urn=viewer_urn,
        )


def transaction(pair: Pair, number: int | None) -> Transaction:
    assert number is not None
    with pair.app.app_context():
        return Book(db.session()).transaction(number)


def spend(pair: Pair, who: str, minutes: int) -> None:
    """Take credits out of a school's account, as if it had given them elsewhere."""
    with saved(pair.app) as session:
        code = f"school:{getattr(pair, who).urn}"
        Book(session).transfer(code, "network:fund", minutes, key=new_key(), actor="test")


def check_book(pair: Pair) -> None:
    with pair.app.app_context():
        report = Book(db.session()).verify()
    assert report.faults == ()


@pytest.mark.parametrize("minutes", [60, 240, 0])
def test_the_payment_is_reversed_and_posted_anew(pair: Pair, minutes: int) -> None:
    exchange_id = pair.bring(State.CONFIRMED, minutes=180)
    first = pair.exchange(exchange_id).transaction_id
    result = put_right(pair, exchange_id, minutes)
    exchange = pair.exchange(exchange_id)
    assert (exchange.standing_transaction_id, exchange.standing_minutes) == (
        result.transaction_id,
        minutes,
    )
    assert (exchange.transaction_id, exchange.delivered_minutes) == (first, 180)
    assert transaction(pair, first).reversed_by == result.reversal_id
    reversal = transaction(pair, result.reversal_id)
    assert (reversal.reference, reversal.memo) == (f"exchange:{exchange_id}", "Put right")
    assert pair.money == {
        "giver": (GRANT + minutes, 0, 0),
        "taker": (GRANT - minutes, 0, 0),
    }
    assert (result.transaction_id is None) == (minutes == 0)


def test_what_was_put_right_is_put_right_again(pair: Pair) -> None:
    exchange_id = pair.bring(State.CONFIRMED, minutes=180)
    second = put_right(pair, exchange_id, 0)
    third = put_right(pair, exchange_id, 120)
    assert third.reversal_id is None
    fourth = put_right(pair, exchange_id, 60)
    assert transaction(pair, third.transaction_id).reversed_by == fourth.reversal_id
    assert transaction(pair, second.reversal_id).reversed_by is None
    assert pair.money["giver"] == (GRANT + 60, 0, 0)
    check_book(pair)


def test_the_same_key_moves_credits_once(pair: Pair) -> None:
    exchange_id = pair.bring(State.CONFIRMED, minutes=180)
    first = put_right(pair, exchange_id, 60, key="one")
    with saved(pair.app) as session:  # as if the exchange had not heard of it
        exchange = session.get_one(Exchange, exchange_id)
        exchange.standing_transaction_id, exchange.standing_minutes = exchange.transaction_id, 180
    assert put_right(pair, exchange_id, 60, key="one") == first
    assert pair.money["giver"] == (GRANT + 60, 0, 0)


def test_limits_hold_after_both_and_not_between_them(pair: Pair) -> None:
    """The provider could not give back 3 credits, and owes 1 only: it has spent all but that."""
    exchange_id = pair.bring(State.CONFIRMED, minutes=180)
    spend(pair, "giver", GRANT + 180 + LIMIT - 60)
    result = put_right(pair, exchange_id, 120)
    assert pair.money["giver"] == (-LIMIT, 0, 0)
    override = transaction(pair, result.reversal_id).override
    assert override is not None
    assert override.reason.startswith("The right figure is paid in the same step")
    check_book(pair)


def test_a_provider_that_has_spent_the_credits_is_beyond_its_limit(pair: Pair) -> None:
    exchange_id = pair.bring(State.CONFIRMED, minutes=180)
    spend(pair, "giver", GRANT + 180 + LIMIT)
    before = pair.money
    with pytest.raises(BeyondLimit) as refusal:
        put_right(pair, exchange_id, 120, viewer_urn=pair.taker.urn)
    assert refusal.value.message == (
        "Giver School does not have enough credits for this at the moment."
    )
    assert (pair.money, pair.exchange(exchange_id).standing_minutes) == (before, 180)
    put_right(pair, exchange_id, 120, override=TWO_PEOPLE)
    assert pair.money["giver"] == (-LIMIT - 60, 0, 0)
    check_book(pair)


def test_a_receiver_without_credits_is_beyond_its_limit_and_reads_its_own_figure(
    pair: Pair,
) -> None:
    exchange_id = pair.bring(State.CONFIRMED, minutes=180)
    put_right(pair, exchange_id, 60)
    spend(pair, "taker", GRANT - 60 + LIMIT)
    with pytest.raises(BeyondLimit) as refusal:
        put_right(pair, exchange_id, 180, viewer_urn=pair.taker.urn)
    assert refusal.value.message == ("Your school has 1 credit available and this needs 3 credits.")
    assert refusal.value.urn == pair.taker.urn
    put_right(pair, exchange_id, 180, override=TWO_PEOPLE)
    taker = pair.account(pair.taker)
    assert (taker.posted, taker.floor) == (-LIMIT - 120, -LIMIT)
    check_book(pair)


def test_a_frozen_account_is_named(pair: Pair) -> None:
    exchange_id = pair.bring(State.CONFIRMED, minutes=180)
    with saved(pair.app) as session:
        code = f"school:{pair.giver.urn}"
        Book(session).freeze(code, actor="person:1", memo="an enquiry", key=new_key())
    with pytest.raises(Refusal, match="The account of Giver School is frozen") as refusal:
        put_right(pair, exchange_id, 120)
    assert not isinstance(refusal.value, BeyondLimit)


def test_what_was_never_paid_and_what_is_right_are_not_put_right(pair: Pair) -> None:
    with pytest.raises(Refusal, match="Nothing has been paid"):
        put_right(pair, pair.bring(State.DELIVERED), 60)
    with pytest.raises(Refusal, match="What was paid is 3 credits already"):
        put_right(pair, pair.bring(State.CONFIRMED, minutes=180), 180)
