"""What the verbs of exchanges and conversations refuse when no form has looked before."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from ledger import Book
from marketplace.clock import now, today
from marketplace.conversations.queries import get_enquiry
from marketplace.conversations.service import ask, write
from marketplace.credits import transfers
from marketplace.credits.transfers import Payment
from marketplace.errors import Refusal
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.proposals import propose
from marketplace.exchanges.service import deliver
from marketplace.settings import Policy
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.exchanges.factories import terms
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted


@pytest.mark.parametrize("details", ["", "  \n ", "x" * 4001])
def test_a_proposal_says_what_is_to_happen(pair: Pair, details: str) -> None:
    with saved(pair.app) as session:
        listing = posted(pair.giver)
        with pytest.raises(Refusal) as refusal:
            propose(
                session, pair.taker, listing, terms(details=details), Policy(), idempotency_key="k"
            )
    assert refusal.value.field == "details"


@pytest.mark.parametrize("body", ["", "  \n ", "x" * 4001])
def test_a_message_is_neither_empty_nor_endless(pair: Pair, body: str) -> None:
    exchange_id = pair.bring(State.PROPOSED)
    with saved(pair.app) as session:
        exchange = session.get_one(Exchange, exchange_id)
        enquiry = get_enquiry(session, exchange.enquiry_id, pair.taker)
        with pytest.raises(Refusal) as written:
            write(session, pair.taker, enquiry, body, idempotency_key="k")
        with pytest.raises(Refusal) as begun:
            ask(session, pair.taker, posted(pair.giver), body, idempotency_key="k")
    assert (written.value.field, begun.value.field) == ("body", "body")


@pytest.mark.parametrize(
    ("days_before", "message"),
    [
        (-1, "That day has not come yet."),
        (0, None),
        (366, None),
        (367, "That day is long before the proposal. Check the year."),
    ],
)
def test_help_is_given_in_the_year_before_its_proposal_or_after(
    pair: Pair, days_before: int, message: str | None
) -> None:
    exchange_id = pair.bring(State.AGREED)
    with saved(pair.app) as session:
        exchange = session.get_one(Exchange, exchange_id)
        day = today() - timedelta(days=days_before)
        said = None
        try:
            deliver(
                session, pair.giver, exchange,
                minutes=60, on_date=day, note="", policy=Policy(), version=2,
            )  # fmt: skip
        except Refusal as refusal:
            said = refusal.message
    assert said == message
    assert pair.exchange(exchange_id).delivered_on == (None if message else day)


@pytest.mark.parametrize("over", ["expired", "released"])
def test_a_hold_that_is_over_can_be_released_but_not_settled(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, over: str
) -> None:
    before = pair.money
    payment = Payment(pair.taker.school(), pair.giver.school(), 60, "exchange:1", "Phonics")
    with saved(pair.app) as session:
        hold_id = (
            Book(session)
            .hold(
                pair.taker.key,
                pair.giver.key,
                60,
                key="a hold",
                expires_at=now() + timedelta(hours=1),
            )
            .id
        )
    if over == "expired":
        tomorrow = now() + timedelta(days=1)
        monkeypatch.setattr(transfers, "Book", partial(Book, clock=lambda: tomorrow))
    else:
        with saved(pair.app) as session:
            Book(session).void(hold_id, key="by the operator", actor="person:1")
    with saved(pair.app) as session:
        transfers.release(session, pair.taker, hold_id, reference="exchange:1", memo="It snows.")
    with saved(pair.app) as session, pytest.raises(Refusal, match="no longer held"):
        transfers.settle(session, pair.taker, hold_id, payment)
    with saved(pair.app) as session:
        account = transfers.Book(session).account(pair.taker.key)
        assert account.held_out == 0
    assert [posted for posted, _, _ in pair.money.values()] == [
        posted for posted, _, _ in before.values()
    ]
