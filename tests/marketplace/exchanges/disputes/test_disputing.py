"""What the two schools do in a dispute, and where the credits are at each step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from ledger import Book
from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.clock import today
from marketplace.database import db
from marketplace.errors import Conflict, Refusal
from marketplace.exchanges import service as steps
from marketplace.exchanges.disputes import service
from marketplace.exchanges.disputes.models import Dispute, Outcome
from marketplace.exchanges.models import Exchange, State
from marketplace.settings import Policy
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.exchanges.factories import brought_to, disputed
from tests.marketplace.factories import saved

GRANT = Policy().joining_grant
OPENED = {State.DELIVERED: (0, 180), State.CONFIRMED: (180, 0)}
"""From which states a dispute is opened: what is paid then, and what is held."""


def sent_back(pair: Pair) -> Exchange:
    """An exchange of which the receiver has said that something is not right."""
    exchange = brought_to(State.DELIVERED, pair.giver, pair.taker)
    return steps.send_back(
        db.session(), pair.taker, exchange, "An hour only.", version=exchange.version
    )


def opened(pair: Pair, state: State, acting: Actor) -> Dispute:
    """A dispute that ``acting`` opened out of ``state``."""
    return disputed(acting, brought_to(state, pair.giver, pair.taker))


@pytest.mark.parametrize("state", OPENED)
@pytest.mark.parametrize("side", ["giver", "taker"])
def test_either_side_opens_a_dispute_and_no_credits_move(
    pair: Pair, state: State, side: str
) -> None:
    paid, held = OPENED[state]
    actor: Actor = getattr(pair, side)
    with saved(pair.app):
        dispute = opened(pair, state, actor)
        exchange_id = dispute.exchange_id
        assert (dispute.opened_from, dispute.claimed_minutes) == (state, 60)
        assert dispute.answer_due_at - dispute.opened_at == timedelta(days=7)
        assert dispute.ruling_due_at - dispute.answer_due_at == timedelta(days=14)
    exchange = pair.exchange(exchange_id)
    assert exchange.state == State.DISPUTED
    assert exchange.awaiting_urn == exchange.other_urn(actor.urn)
    assert pair.money == {"giver": (GRANT + paid, 0, held), "taker": (GRANT - paid, held, 0)}


def test_what_was_sent_back_is_remembered_and_can_be_disputed(pair: Pair) -> None:
    with saved(pair.app) as session:
        exchange = sent_back(pair)
        assert exchange.sent_back_minutes == 180
        dispute = disputed(pair.taker, exchange)
        assert dispute.opened_from == State.AGREED
        service.withdraw_dispute(session, pair.taker, exchange, "", version=exchange.version)
        assert (exchange.state, exchange.awaiting_urn) == (State.AGREED, pair.giver.urn)
        assert exchange.sent_back_minutes == 180
        steps.deliver(
            session,
            pair.giver,
            exchange,
            minutes=60,
            on_date=today(),
            note="",
            policy=Policy(),
            version=exchange.version,
        )
        assert exchange.sent_back_minutes is None


@pytest.mark.parametrize("state", [State.PROPOSED, State.AGREED, State.DECLINED, State.CANCELLED])
def test_nothing_else_can_be_disputed(pair: Pair, state: State) -> None:
    with saved(pair.app):
        exchange = brought_to(state, pair.giver, pair.taker)
        with pytest.raises(Conflict, match=f"the exchange is {state}"):
            disputed(pair.taker, exchange)
        assert exchange.state == state


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"text": " "}, "Say what happened"),
        ({"text": "x" * 2001}, "Use at most 2,000 characters"),
        ({"minutes": -15}, "cannot be less than 0"),
        ({"minutes": 195}, "At most 3 credits can be due"),
        ({"minutes": 50}, "between two steps"),
    ],
)
def test_a_dispute_needs_words_and_a_figure_that_can_be_right(
    pair: Pair, changes: dict[str, object], message: str
) -> None:
    with saved(pair.app) as session:
        exchange = brought_to(State.DELIVERED, pair.giver, pair.taker)
        what = {"text": "An hour only.", "minutes": 60, "version": exchange.version} | changes
        with pytest.raises(Refusal, match=message):
            service.open_dispute(session, pair.taker, exchange, **what)  # type: ignore[arg-type]
        assert exchange.state == State.DELIVERED


def test_a_hold_is_frozen_and_has_its_end_again_after_a_withdrawal(pair: Pair) -> None:
    ends = clock.now() + timedelta(days=30)
    with saved(pair.app) as session:
        exchange = brought_to(State.DELIVERED, pair.giver, pair.taker)
        assert exchange.hold_id is not None
        book = Book(session)
        book.extend(exchange.hold_id, ends, key="an end", actor="test")
        disputed(pair.taker, exchange)
        assert book.hold_by_id(exchange.hold_id).expires_at is None
        service.withdraw_dispute(session, pair.taker, exchange, "", version=exchange.version)
        assert book.hold_by_id(exchange.hold_id).expires_at == ends
        assert exchange.state == State.DELIVERED


def test_what_is_no_longer_held_cannot_be_disputed(pair: Pair) -> None:
    with saved(pair.app) as session:
        exchange = brought_to(State.DELIVERED, pair.giver, pair.taker)
        assert exchange.hold_id is not None
        Book(session).void(exchange.hold_id, key="gone", actor="test")
        with pytest.raises(Refusal, match="no longer held"):
            disputed(pair.taker, exchange)


def test_the_other_side_answers_once_and_either_adds(pair: Pair) -> None:
    with saved(pair.app) as session:
        dispute = opened(pair, State.DELIVERED, pair.taker)
        exchange = session.get_one(Exchange, dispute.exchange_id)

        def say(verb: Callable[..., Dispute], actor: Actor, **what: object) -> None:
            verb(session, actor, exchange, text="So it was.", version=exchange.version, **what)

        with pytest.raises(Refusal, match="the other school’s to answer"):
            say(service.answer_dispute, pair.taker, minutes=60)
        with pytest.raises(Refusal, match="Answer the dispute first"):
            say(service.add_statement, pair.giver)
        say(service.add_statement, pair.taker)
        assert exchange.awaiting_urn == pair.giver.urn
        say(service.answer_dispute, pair.giver, minutes=180)
        assert (dispute.answered_minutes, exchange.awaiting_urn) == (180, None)
        assert dispute.answered_at is not None
        assert dispute.ruling_due_at - dispute.answered_at == timedelta(days=14)
        with pytest.raises(Refusal, match="has been answered"):
            say(service.answer_dispute, pair.giver, minutes=180)
        say(service.add_statement, pair.giver)


@pytest.mark.parametrize(
    ("state", "offer", "after", "giver", "taker"),
    [
        (State.DELIVERED, 120, State.CONFIRMED, 120, -120),
        (State.DELIVERED, 0, State.CANCELLED, 0, 0),
        (State.CONFIRMED, 60, State.CONFIRMED, 60, -60),
        (State.CONFIRMED, 180, State.CONFIRMED, 180, -180),
        (State.CONFIRMED, 0, State.CONFIRMED, 0, 0),
    ],
)
def test_both_settle_at_a_figure(
    pair: Pair, state: State, offer: int, after: State, giver: int, taker: int
) -> None:
    with saved(pair.app) as session:
        dispute = opened(pair, state, pair.taker)
        exchange = session.get_one(Exchange, dispute.exchange_id)
        service.make_offer(session, pair.giver, exchange, minutes=offer, version=exchange.version)
        assert exchange.awaiting_urn == pair.taker.urn
        with pytest.raises(Refusal, match="has not proposed a figure"):
            service.accept_offer(session, pair.giver, exchange, version=exchange.version)
        service.accept_offer(session, pair.taker, exchange, version=exchange.version)
        assert (exchange.state, exchange.awaiting_urn) == (after, None)
        assert (dispute.outcome, dispute.ended_at is None) == (Outcome.SETTLED, False)
    assert pair.money == {"giver": (GRANT + giver, 0, 0), "taker": (GRANT + taker, 0, 0)}


def test_only_who_opened_a_dispute_withdraws_it(pair: Pair) -> None:
    with saved(pair.app) as session:
        dispute = opened(pair, State.CONFIRMED, pair.taker)
        exchange = session.get_one(Exchange, dispute.exchange_id)
        version = exchange.version
        with pytest.raises(Refusal, match="Only the school that opened"):
            service.withdraw_dispute(session, pair.giver, exchange, "", version=version)
        service.withdraw_dispute(session, pair.taker, exchange, "Found it.", version=version)
        assert (exchange.state, dispute.outcome) == (State.CONFIRMED, Outcome.WITHDRAWN)
        with pytest.raises(Conflict, match="withdrew the dispute"):
            service.add_statement(session, pair.giver, exchange, text="But.", version=version)
        assert disputed(pair.giver, exchange).id != dispute.id


def test_a_double_press_opens_one_dispute(pair: Pair) -> None:
    with saved(pair.app) as session:
        exchange = brought_to(State.DELIVERED, pair.giver, pair.taker)
        version = exchange.version
        first, second = (
            service.open_dispute(
                session, pair.taker, exchange, minutes=60, text="An hour.", version=version
            )
            for _ in range(2)
        )
        assert first is second
        with pytest.raises(Conflict, match="opened a dispute"):
            service.open_dispute(
                session, pair.giver, exchange, minutes=180, text="Three.", version=version
            )
