"""Credits are held until a day; then they are released, the exchange lapses, and both are told."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from ledger import Book
from marketplace import clock
from marketplace.clock import LONDON, today
from marketplace.database import db
from marketplace.exchanges.lapsing import hold_end, lapse_exchanges
from marketplace.exchanges.models import Exchange, State
from marketplace.settings import Policy
from tests.ledger.keys import new_key
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.factories import saved

GRANT = Policy().joining_grant


def run(pair: Pair) -> tuple[int, int]:
    with saved(pair.app) as session:
        return lapse_exchanges(session, Policy(), session.commit)


def ends_at(pair: Pair, exchange_id: int) -> datetime | None:
    with saved(pair.app) as session:
        hold_id = session.get_one(Exchange, exchange_id).hold_id
        assert hold_id is not None
        return Book(session).hold_by_id(hold_id).expires_at


def later(monkeypatch: pytest.MonkeyPatch, **length: float) -> None:
    instant = clock.now() + timedelta(**length)
    monkeypatch.setattr(clock, "now", lambda: instant)


def test_credits_are_held_to_the_end_of_a_day_in_london(pair: Pair) -> None:
    exchange_id = pair.bring(State.AGREED, on_date=today() + timedelta(days=7))
    last = today() + timedelta(days=67)
    assert ends_at(pair, exchange_id) == datetime(
        last.year, last.month, last.day, 23, 59, tzinfo=LONDON
    )


def test_an_agreement_after_its_day_is_held_from_today_on() -> None:
    assert hold_end(date(2020, 1, 1), Policy()) == hold_end(today(), Policy())


@pytest.mark.parametrize("state", [State.AGREED, State.DELIVERED])
def test_an_exchange_past_its_day_lapses_and_its_credits_are_free(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, state: State
) -> None:
    exchange_id = pair.bring(state, on_date=today())
    later(monkeypatch, days=59)
    assert run(pair) == (0, 0)
    assert pair.money["taker"] == (GRANT, 180, 0)
    later(monkeypatch, days=3)
    assert run(pair) == (1, 0)
    assert run(pair) == (0, 0)
    exchange = pair.exchange(exchange_id)
    assert (exchange.state, exchange.awaiting_urn) == (State.LAPSED, None)
    assert pair.money == {"giver": (GRANT, 0, 0), "taker": (GRANT, 0, 0)}
    monkeypatch.undo()
    page = pair.browser(pair.giver).get(f"/exchanges/{exchange_id}")
    assert "Nobody confirmed this in time" in page.text
    assert "Taker School has its credits back: the time to confirm was over" in page.text


def test_a_hold_of_an_earlier_version_is_given_an_end_once(pair: Pair) -> None:
    exchange_id = pair.bring(State.AGREED, on_date=today() + timedelta(days=7))
    with saved(pair.app) as session:
        hold_id = session.get_one(Exchange, exchange_id).hold_id
        assert hold_id is not None
        Book(session).extend(hold_id, None, key=new_key(), actor="test")
    assert run(pair) == (0, 1)
    with pair.app.app_context():
        expected = hold_end(today() + timedelta(days=7), Policy())
    assert ends_at(pair, exchange_id) == expected
    assert run(pair) == (0, 0)


def test_what_is_over_or_only_proposed_does_not_lapse(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = [State.PROPOSED, State.CONFIRMED, State.CANCELLED, State.DECLINED]
    ids = [pair.bring(state) for state in states]
    later(monkeypatch, days=400)
    assert run(pair) == (0, 0)
    assert [pair.exchange(exchange_id).state for exchange_id in ids] == states
    with pair.app.app_context():
        assert Book(db.session()).verify().faults == ()
