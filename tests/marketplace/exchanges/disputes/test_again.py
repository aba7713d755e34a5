"""A ruling is final, but each school may ask once for it to be looked at again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledger import Book
from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.database import db
from marketplace.errors import Conflict, NotAllowed, Refusal
from marketplace.exchanges.corrections.jobs import dispute_unanswered
from marketplace.exchanges.corrections.models import CorrectionState
from marketplace.exchanges.corrections.queries import latest_correction
from marketplace.exchanges.corrections.service import ask_correction
from marketplace.exchanges.disputes import service
from marketplace.exchanges.disputes.again import ask_again
from marketplace.exchanges.disputes.models import Dispute, Ruling
from marketplace.exchanges.models import Exchange, State
from marketplace.network.succession import succeed_by_register
from marketplace.schools.models import School
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.adjustments.factories import approved, proposed
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.exchanges.disputes.test_ruling import GRANT, decide, fill_fund, to_decide
from tests.marketplace.exchanges.factories import disputed
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import close, joined_school, operator
from tests.marketplace.outbox.bells import SetClock


def again(exchange: Exchange, actor: Actor, minutes: int = 180) -> Dispute:
    """Ask for the ruling to be looked at again."""
    return ask_again(
        db.session(),
        actor,
        exchange,
        minutes=minutes,
        text="The register was of another day.",
        version=exchange.version,
    )


def answered(exchange: Exchange, actor: Actor, minutes: int = 60) -> None:
    """Let the other school answer."""
    version = exchange.version
    service.answer_dispute(
        db.session(), actor, exchange, minutes=minutes, text="No, of this one.", version=version
    )


def test_each_side_asks_once_and_then_it_is_final(pair: Pair) -> None:
    with saved(pair.app):
        exchange = to_decide(pair)
        first, second, third = operator(), operator(), operator()
        decide(exchange, Ruling.PAY, 60, actor=first)
        with pytest.raises(Refusal, match="no other dispute can be opened"):
            disputed(pair.giver, exchange)
        again(exchange, pair.giver)
        with pytest.raises(Conflict):
            again(exchange, pair.taker, 0)
        answered(exchange, pair.taker)
        with pytest.raises(NotAllowed, match="another operator looks at it again"):
            decide(exchange, Ruling.PAY, 180, actor=first)
        decide(exchange, Ruling.PAY, 180, actor=second)
        with pytest.raises(Refusal, match="asked once"):
            again(exchange, pair.giver)
        again(exchange, pair.taker, 60)
        answered(exchange, pair.giver, 180)
        for before in (first, second):
            with pytest.raises(NotAllowed, match="another operator looks at it again"):
                decide(exchange, Ruling.PAY, 120, actor=before)
        decide(exchange, Ruling.PAY, 120, actor=third)
        for side in (pair.giver, pair.taker):
            with pytest.raises(Refusal, match="Now it is final"):
                again(exchange, side)
            with pytest.raises(Refusal, match="no other dispute can be opened"):
                disputed(side, exchange)
    assert pair.money == {"giver": (GRANT + 120, 0, 0), "taker": (GRANT - 120, 0, 0)}


def test_where_nothing_was_due_it_can_be_paid_all_the_same(pair: Pair) -> None:
    """The credits are held no more, so they are paid out of what the school has."""
    with saved(pair.app) as session:
        fill_fund(60)
        exchange = to_decide(pair)
        decide(exchange, Ruling.VOID)
        dispute = again(exchange, pair.giver)
        assert exchange.state == State.DISPUTED
        service.withdraw_dispute(session, pair.giver, exchange, "", version=exchange.version)
        assert exchange.state == State.CANCELLED
        dispute = again(exchange, pair.taker, 120)
        answered(exchange, pair.giver)
        decide(exchange, Ruling.SPLIT, 120, 30)
        assert (exchange.state, exchange.standing_minutes) == (State.CONFIRMED, 120)
        assert dispute.transaction_id == exchange.standing_transaction_id
        assert Book(session).verify().faults == ()
    assert pair.money == {"giver": (GRANT + 150, 0, 0), "taker": (GRANT - 120, 0, 0)}


def test_nobody_asks_without_a_ruling_or_after_two_weeks(pair: Pair, set_clock: SetClock) -> None:
    with saved(pair.app):
        exchange = to_decide(pair, State.CONFIRMED)
        with pytest.raises(Conflict, match="the exchange is disputed"):
            again(exchange, pair.taker)
        decide(exchange, Ruling.PAY, 120)
        set_clock.move(days=14, seconds=1)
        with pytest.raises(Refusal, match="within 14 days, which was until"):
            again(exchange, pair.taker)


def test_where_there_is_one_operator_a_second_person_looks_at_it(pair: Pair) -> None:
    with saved(pair.app):
        exchange = to_decide(pair)
        runs = operator()
        decide(exchange, Ruling.VOID, actor=runs)
        dispute = again(exchange, pair.giver)
        answered(exchange, pair.taker)
        adjustment = proposed(runs, "ruling", pair.giver.school(), dispute_id=dispute.id)
        approved(adjustment)
        assert exchange.standing_minutes == 60


def test_a_side_has_asked_also_where_another_school_carries_on_for_it(pair: Pair) -> None:
    with saved(pair.app) as session:
        exchange = to_decide(pair)
        decide(exchange, Ruling.VOID)
        again(exchange, pair.taker, 60)
        old, new = session.get_one(School, pair.taker.urn), joined_school()
        close(old, new)
        succeed_by_register(session, old.urn, Policy())
        successor = actor_for(new)
        service.withdraw_dispute(session, successor, exchange, "", version=exchange.version)
        with pytest.raises(Refusal, match="asked once"):
            again(exchange, successor)
        again(exchange, pair.giver)


def test_a_correction_without_an_answer_leaves_a_ruling_as_it_is(
    pair: Pair, set_clock: SetClock
) -> None:
    with saved(pair.app) as session:
        exchange = to_decide(pair)
        decide(exchange, Ruling.PAY, 60)
        ask_correction(
            session,
            pair.giver,
            exchange,
            minutes=120,
            reason="Two hours.",
            policy=Policy(),
            version=exchange.version,
        )
        set_clock.instant = clock.now() + timedelta(days=30)
        assert dispute_unanswered(session, session.flush) == 0
        assert latest_correction(session, exchange).state == CorrectionState.DECLINED
        assert (exchange.state, exchange.awaiting_urn) == (State.CONFIRMED, None)


def test_the_page_says_until_when_it_can_be_asked(pair: Pair) -> None:
    with saved(pair.app):
        exchange = to_decide(pair)
        decide(exchange, Ruling.VOID)
        exchange_id = exchange.id
    browser = pair.browser(pair.giver).get(f"/exchanges/{exchange_id}")
    assert "Your school can ask once, until" in browser.text
    assert "Open a dispute" not in browser.text
    link = browser.page.find("a", string="Ask for the ruling to be looked at again")
    browser.get(link["href"]).submit("Ask for it", text="She was there.", minutes="3")
    assert browser.flashes == ["Asked. The other school can answer, then another operator decides."]
    assert "Nothing was paid, and nothing is held." in browser.text
    assert "Asked that the ruling be looked at again" in browser.text
    other = pair.browser(pair.taker).get(f"/exchanges/{exchange_id}/dispute/look-again")
    assert other.path == f"/exchanges/{exchange_id}"
