"""A ruling beyond a credit limit is proposed by one operator and approved by another person."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ledger import Book
from marketplace.adjustments.models import Adjustment
from marketplace.adjustments.queries import trail_of
from marketplace.adjustments.service import refuse_adjustment, withdraw_adjustment
from marketplace.application import Skillbank
from marketplace.credits.chart import FUND, ISSUANCE
from marketplace.database import db
from marketplace.errors import Conflict, NotAllowed, NotFound, Refusal
from marketplace.exchanges.disputes import service
from marketplace.exchanges.disputes.models import Dispute, Outcome
from marketplace.exchanges.models import Exchange, ExchangeEvent, State
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.adjustments.factories import approved, proposed
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.disputes.test_ruling import REASONS
from tests.marketplace.exchanges.factories import answered_dispute, brought_to, spend_all
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import auditor, joined_school, operator

REVERSE = {"ruling": "reverse", "minutes": 0, "fund_minutes": 0, "reasons": REASONS}


def beyond_limit() -> tuple[Dispute, Exchange]:
    """A dispute over paid credits that the giver has spent, to be decided."""
    giver, taker = actor_for(joined_school(name="Giver")), actor_for(joined_school(name="Taker"))
    exchange = brought_to(State.CONFIRMED, giver, taker)
    dispute = service.open_dispute(
        db.session(), taker, exchange, minutes=0, text="Nobody came.", version=exchange.version
    )
    service.answer_dispute(
        db.session(), giver, exchange, minutes=180, text="She did.", version=exchange.version
    )
    spend_all(giver)
    return dispute, exchange


def test_two_people_rule_beyond_a_limit(app: Skillbank) -> None:
    with saved(app) as session:
        one, two = operator(), operator()
        dispute, exchange = beyond_limit()
        giver, taker = exchange.provider_urn, exchange.receiver_urn
        before = {urn: Book(session).balance(f"school:{urn}") for urn in (giver, taker)}
        limit = Book(session).account(f"school:{giver}").floor
        adjustment = proposed(one, "ruling", taker, dispute_id=dispute.id, **REVERSE)
        assert (dispute.is_proposed, dispute.adjustment_id) == (True, adjustment.id)
        assert (exchange.state, dispute.ruling) == (State.DISPUTED, None)
        with pytest.raises(Conflict, match="proposed already"):
            proposed(two, "ruling", giver, dispute_id=dispute.id, **REVERSE)
        with pytest.raises(NotAllowed, match="another operator has to approve it"):
            approved(adjustment, one)
        approved(adjustment, two)
        book = Book(session)
        assert book.balance(f"school:{giver}") == before[giver] - 180
        assert book.balance(f"school:{taker}") == before[taker] + 180
        assert book.account(f"school:{giver}").floor == limit
        assert (dispute.outcome, dispute.ruled_by_id) == (Outcome.RULED, one.person_id)
        assert (dispute.reasons, exchange.standing_minutes) == (REASONS, 0)
        last = trail_of(session, adjustment.id)[-1]
        assert ["Paid for the exchange", "3 credits", "0 credits"] in last.figures
        reversal = book.transaction(last.transactions[0])
        assert reversal.override is not None
        assert reversal.override.actor == two.ledger_name
        assert f"proposed by person {one.person_id}" in reversal.override.reason
        steps = session.scalars(
            sa.select(ExchangeEvent.step)
            .where(ExchangeEvent.exchange_id == exchange.id)
            .order_by(ExchangeEvent.id)
        ).all()
        assert steps[-2:] == ["ruling", "rule"]
        assert book.verify(thorough=True).faults == ()


@pytest.mark.parametrize("refuses", [True, False])
def test_a_ruling_that_is_turned_down_is_to_be_decided_anew(app: Skillbank, refuses: bool) -> None:
    with saved(app) as session:
        one = operator()
        dispute, exchange = beyond_limit()
        adjustment = proposed(
            one, "ruling", exchange.provider_urn, dispute_id=dispute.id, **REVERSE
        )
        if refuses:
            refuse_adjustment(session, operator(), adjustment.id, reason="She did come.")
        else:
            withdraw_adjustment(session, one, adjustment.id)
        assert (dispute.is_proposed, exchange.state) == (False, State.DISPUTED)
        assert exchange.standing_minutes == 180
        proposed(one, "ruling", exchange.provider_urn, dispute_id=dispute.id, **REVERSE)


def test_what_the_schools_settle_meanwhile_is_not_ruled_on(app: Skillbank) -> None:
    with saved(app) as session:
        dispute, exchange = beyond_limit()
        taker = actor_for(exchange.receiver)
        with pytest.raises(Refusal, match="of other schools"):
            proposed(None, "ruling", joined_school().urn, dispute_id=dispute.id, **REVERSE)
        with pytest.raises(NotFound):
            proposed(None, "ruling", exchange.provider_urn, dispute_id=10_000, **REVERSE)
        adjustment = proposed(None, "ruling", taker.school(), dispute_id=dispute.id, **REVERSE)
        service.withdraw_dispute(session, taker, exchange, "", version=exchange.version)
        with pytest.raises(Conflict, match="This dispute is over"):
            approved(adjustment)
        refuse_adjustment(session, operator(), adjustment.id, reason="It was withdrawn.")
        assert (dispute.outcome, exchange.state) == (Outcome.WITHDRAWN, State.CONFIRMED)


def test_the_fund_and_the_balances_are_as_foretold(app: Skillbank) -> None:
    with saved(app) as session:
        dispute = answered_dispute()
        Book(session).transfer(ISSUANCE, FUND, 60, key="fund", kind="grant", actor="test")
        exchange = session.get_one(Exchange, dispute.exchange_id)
        split = {"ruling": "split", "minutes": 60, "fund_minutes": 45, "reasons": REASONS}
        approved(proposed(None, "ruling", exchange.receiver_urn, dispute_id=dispute.id, **split))
        assert (exchange.standing_minutes, Book(session).balance(FUND)) == (60, 15)


def test_it_is_proposed_on_the_page_of_the_dispute(app: Skillbank) -> None:
    with saved(app):
        dispute, exchange = beyond_limit()
        number, exchange_id = dispute.id, exchange.id
        school = actor_for(exchange.receiver)
        runs, reader = operator(), auditor()
    desk = Browser(app.test_client()).be(runs).get(f"/network/disputes/{number}")
    desk.submit("Rule", ruling="reverse", reasons=REASONS)
    assert "A ruling beyond a limit needs two people" in desk.text
    desk.submit("Propose it to a second person", ruling="reverse", reasons=REASONS)
    assert desk.errors == []
    assert REASONS in desk.text
    desk.submit("Propose it", reason="It was spent.", evidence="A log.", evidence_source="2 June")
    assert "Balance of Giver" in desk.text
    with saved(app) as session:
        adjustment_id = session.scalars(sa.select(Adjustment.id)).one()
    desk.get(f"/network/disputes/{number}")
    assert f"/network/adjustments/{adjustment_id}" in str(desk.page)
    assert "A ruling waits for a second person" in desk.text
    assert "do not agree" not in desk.get("/home").text
    seen = Browser(app.test_client()).be(school).get(f"/exchanges/{exchange_id}")
    assert "a second person of the network has to approve it" in seen.text
    browser = Browser(app.test_client()).be(reader).get(f"/network/adjustments/{adjustment_id}")
    assert REASONS in browser.text
    browser.submit("Approve: do it now")
    assert browser.flashes == ["Approved, and done."]
    seen.get(f"/exchanges/{exchange_id}")
    assert REASONS in seen.text
