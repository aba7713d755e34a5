"""Nothing is paid with a frozen account, until the operator lets this one payment through."""

from __future__ import annotations

import pytest

from marketplace.errors import Conflict
from marketplace.exchanges.frozen.service import let_payment_through
from marketplace.exchanges.models import State
from marketplace.network.service import freeze_school
from marketplace.settings import Policy
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import operator

GRANT = Policy().joining_grant


@pytest.mark.parametrize("who", ["giver", "taker"])
def test_a_payment_of_a_paused_school_is_let_through_once(pair: Pair, who: str) -> None:
    exchange_id, other_id = (pair.bring(State.DELIVERED, minutes=60) for _ in range(2))
    with saved(pair.app) as session:
        runs = operator()
        freeze_school(session, runs, getattr(pair, who).urn, "No answer.")
    taker = pair.browser(pair.taker).get(f"/exchanges/{exchange_id}")
    assert "Confirm 1 credit" not in taker.buttons
    assert (who == "giver") == ("Giver School is paused" in taker.text)
    assert pair.money["giver"] == (GRANT, 0, 120)
    home = pair.browser(runs).get("/home")
    assert home.text.count("cannot be confirmed while an account is frozen") == 2
    network = pair.browser(runs).get("/network/frozen-payments")
    assert len(network.page.select("tbody tr")) == 2
    network.get(f"/network/frozen-payments/{exchange_id}").submit("Let it through", reason=" ")
    assert network.status == 422
    network.submit("Let it through", reason="It was given before.")
    assert network.path == "/network/frozen-payments"
    taker.get(f"/exchanges/{exchange_id}")
    assert "It was given before." in taker.text
    taker.submit("Confirm 1 credit")
    assert pair.exchange(exchange_id).state == State.CONFIRMED
    assert pair.money["giver"] == (GRANT + 60, 0, 60)
    assert pair.exchange(other_id).state == State.DELIVERED


def test_only_what_waits_for_a_frozen_account_is_let_through(pair: Pair) -> None:
    exchange_id = pair.bring(State.DELIVERED)
    with saved(pair.app) as session, pytest.raises(Conflict):
        let_payment_through(session, operator(), exchange_id, "Why not.")
    with saved(pair.app) as session:
        runs = operator()
        freeze_school(session, runs, pair.giver.school(), "No answer.")
        let_payment_through(session, runs, exchange_id, "It was given before.")
        with pytest.raises(Conflict, match="let through already"):
            let_payment_through(session, runs, exchange_id, "It was given before.")
