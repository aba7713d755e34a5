"""A correction beyond a credit limit is let through by two people, who are named in the ledger."""

from __future__ import annotations

import pytest

from ledger import Book
from marketplace.adjustments.queries import trail_of
from marketplace.adjustments.service import refuse_adjustment
from marketplace.application import Skillbank
from marketplace.errors import Conflict, Refusal
from marketplace.exchanges.corrections.models import Correction, CorrectionState
from marketplace.exchanges.corrections.service import withdraw_correction
from marketplace.exchanges.models import Exchange
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.adjustments.factories import approved, proposed
from tests.marketplace.browser import Browser
from tests.marketplace.exchanges.corrections.factories import corrected_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import auditor, joined_school, operator


def waiting() -> Correction:
    """A correction that both schools want, and that waits for the network."""
    giver, taker = actor_for(joined_school(name="Giver")), actor_for(joined_school(name="Taker"))
    return corrected_to(CorrectionState.BEYOND_LIMIT, giver, taker)


def test_two_people_let_a_correction_pass_a_limit(app: Skillbank) -> None:
    with saved(app) as session:
        one, two = operator(), operator()
        correction = waiting()
        exchange = session.get_one(Exchange, correction.exchange_id)
        giver, taker = exchange.provider_urn, exchange.receiver_urn
        before = {urn: Book(session).balance(f"school:{urn}") for urn in (giver, taker)}
        limit = Book(session).account(f"school:{giver}").floor
        adjustment = proposed(one, "correction", taker, correction_id=correction.id)
        assert (adjustment.school_urn, adjustment.other_urn) == (taker, giver)
        with pytest.raises(Conflict, match="proposed already"):
            proposed(two, "correction", giver, correction_id=correction.id)
        approved(adjustment, two)
        book = Book(session)
        assert book.balance(f"school:{giver}") == before[giver] - 120
        assert book.balance(f"school:{taker}") == before[taker] + 120
        assert book.account(f"school:{giver}").floor == limit
        assert exchange.standing_minutes == 60
        last = trail_of(session, adjustment.id)[-1]
        assert ["Paid for the exchange", "3 credits", "1 credit"] in last.figures
        reversal = book.transaction(last.transactions[0])
        assert reversal.override is not None
        assert reversal.override.actor == two.ledger_name
        assert f"proposed by person {one.person_id}" in reversal.override.reason
        assert len(last.transactions) == 2
        assert book.verify(thorough=True).faults == ()


def test_a_refusal_declines_the_correction(app: Skillbank) -> None:
    with saved(app) as session:
        correction = waiting()
        exchange = session.get_one(Exchange, correction.exchange_id)
        adjustment = proposed(
            None, "correction", exchange.receiver_urn, correction_id=correction.id
        )
        refuse_adjustment(session, operator(), adjustment.id, reason="It is too much.")
        assert correction.state == CorrectionState.DECLINED
        assert exchange.standing_minutes == 180
        with pytest.raises(Refusal, match="does not wait"):
            proposed(None, "correction", exchange.receiver_urn, correction_id=correction.id)


def test_a_correction_that_is_withdrawn_meanwhile_is_not_let_through(app: Skillbank) -> None:
    with saved(app) as session:
        giver, taker = actor_for(joined_school()), actor_for(joined_school())
        correction = corrected_to(CorrectionState.BEYOND_LIMIT, giver, taker)
        exchange = session.get_one(Exchange, correction.exchange_id)
        with pytest.raises(Refusal, match="of another school"):
            proposed(None, "correction", joined_school().urn, correction_id=correction.id)
        adjustment = proposed(None, "correction", giver.urn, correction_id=correction.id)
        withdraw_correction(session, taker, exchange, version=exchange.version)
        with pytest.raises(Refusal, match="does not wait"):
            approved(adjustment, despite_changes=True)
        refuse_adjustment(session, operator(), adjustment.id, reason="It was withdrawn.")
        assert correction.state == CorrectionState.WITHDRAWN


def test_it_is_proposed_on_the_schools_page_and_an_auditor_may_approve(app: Skillbank) -> None:
    with saved(app) as session:
        correction = waiting()
        urn = session.get_one(Exchange, correction.exchange_id).receiver_urn
        number = correction.id
        runs, reader = operator(), auditor()
    desk = Browser(app.test_client()).be(runs).get(f"/network/schools/{urn}/adjust")
    assert "Let a correction pass a limit" in desk.text
    desk.get(f"/network/schools/{urn}/adjust/correction")
    assert "1 credit instead of 3 credits" in desk.text
    texts = {"reason": "Both want it.", "evidence": "They wrote.", "evidence_source": "2 June"}
    desk.submit("Propose it", **texts)
    assert desk.errors == ["Which correction? Choose one."]
    desk.submit("Propose it", correction=str(number))
    assert "Balance of Giver" in desk.text
    browser = Browser(app.test_client()).be(reader).get(desk.path)
    browser.submit("Approve: do it now")
    assert browser.flashes == ["Approved, and done."]
    with saved(app) as session:
        assert session.get_one(Correction, number).state == CorrectionState.AGREED
