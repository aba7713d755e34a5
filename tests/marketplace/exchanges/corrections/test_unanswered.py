"""A correction that nobody answers becomes a dispute, and a dispute takes the place of one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace import clock
from marketplace.exchanges.corrections.jobs import dispute_unanswered
from marketplace.exchanges.corrections.models import CorrectionState
from marketplace.exchanges.disputes.service import open_dispute
from marketplace.exchanges.models import Exchange, State
from marketplace.settings import Policy
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.exchanges.corrections.test_correcting import ask, correction_of
from tests.marketplace.factories import saved

GRANT = Policy().joining_grant


def run(pair: Pair) -> int:
    with saved(pair.app) as session:
        return dispute_unanswered(session, session.commit)


def test_after_two_weeks_it_is_a_dispute_with_the_same_figure_and_words(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange_id = pair.bring(State.CONFIRMED, minutes=180)
    taker = ask(pair.browser(pair.taker), exchange_id, "2", "She left early.")
    soon, late = (clock.now() + timedelta(days=days) for days in (13, 15))
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: soon)
        assert run(pair) == 0
        patch.setattr(clock, "now", lambda: late)
        assert (run(pair), run(pair)) == (1, 0)
    assert correction_of(pair, exchange_id).state == CorrectionState.DISPUTED
    exchange = pair.exchange(exchange_id)
    assert (exchange.state, exchange.awaiting_urn) == (State.DISPUTED, pair.giver.urn)
    page = taker.get(f"/exchanges/{exchange_id}")
    assert "Disputed" in page.text
    assert "She left early." in page.text
    assert pair.money["giver"] == (GRANT + 180, 0, 0)


def test_a_dispute_of_the_other_school_takes_the_place_of_a_correction(pair: Pair) -> None:
    exchange_id = pair.bring(State.CONFIRMED, minutes=180)
    ask(pair.browser(pair.taker), exchange_id, "2")
    with saved(pair.app) as session:
        exchange = session.get_one(Exchange, exchange_id)
        dispute = open_dispute(
            session, pair.giver, exchange, minutes=180, text="She stayed.", version=5
        )
        correction_id = dispute.correction_id
    correction = correction_of(pair, exchange_id)
    assert (correction.id, correction.state) == (correction_id, CorrectionState.DISPUTED)
