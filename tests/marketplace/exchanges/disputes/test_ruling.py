"""What the operator decides, and where the credits are after it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from ledger import Book
from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Role
from marketplace.credits.chart import FUND, ISSUANCE
from marketplace.credits.reposting import BeyondLimit
from marketplace.database import db
from marketplace.errors import Conflict, NotAllowed, NotFound, Refusal
from marketplace.exchanges.disputes import rulings, service
from marketplace.exchanges.disputes.holdings import remove_reasons
from marketplace.exchanges.disputes.models import Dispute, Outcome, Ruling
from marketplace.exchanges.disputes.queries import count_to_decide, list_to_decide
from marketplace.exchanges.disputes.rulings import Decision
from marketplace.exchanges.models import Exchange, ExchangeEvent, State
from marketplace.network.service import freeze_school, leaving_of, let_school_leave
from marketplace.network.succession import succeed_by_register
from marketplace.schools.models import School
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import PersonFactory, actor_for
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.exchanges.factories import brought_to, disputed, spend_all
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import close, joined_school, operator
from tests.marketplace.outbox.bells import SetClock

GRANT = Policy().joining_grant
REASONS = "The register of the school shows two hours."


def to_decide(pair: Pair, state: State = State.DELIVERED) -> Exchange:
    """An exchange of three credits that the taker disputes, and the giver has answered."""
    exchange = brought_to(state, pair.giver, pair.taker)
    disputed(pair.taker, exchange)
    service.answer_dispute(
        db.session(),
        pair.giver,
        exchange,
        minutes=180,
        text="Three hours.",
        version=exchange.version,
    )
    return exchange


def decide(
    exchange: Exchange,
    ruling: Ruling,
    minutes: int = 0,
    fund: int = 0,
    *,
    actor: Actor | None = None,
) -> Dispute:
    """Rule on ``exchange``, with reasons."""
    decision = Decision(ruling, minutes, fund, REASONS)
    return rulings.rule(
        db.session(), actor or operator(), exchange, decision, version=exchange.version
    )


def fill_fund(minutes: int) -> None:
    """Give the network's fund something to pay from."""
    Book(db.session()).transfer(ISSUANCE, FUND, minutes, key="fund", kind="grant", actor="test")


@pytest.mark.parametrize(
    ("state", "ruling", "minutes", "fund", "after", "paid"),
    [
        (State.DELIVERED, Ruling.PAY, 120, 0, State.CONFIRMED, 120),
        (State.DELIVERED, Ruling.PAY, 180, 0, State.CONFIRMED, 180),
        (State.DELIVERED, Ruling.SPLIT, 60, 45, State.CONFIRMED, 60),
        (State.DELIVERED, Ruling.VOID, 0, 0, State.CANCELLED, 0),
        (State.CONFIRMED, Ruling.PAY, 120, 0, State.CONFIRMED, 120),
        (State.CONFIRMED, Ruling.PAY, 180, 0, State.CONFIRMED, 180),
        (State.CONFIRMED, Ruling.SPLIT, 60, 45, State.CONFIRMED, 60),
        (State.CONFIRMED, Ruling.REVERSE, 0, 0, State.CONFIRMED, 0),
    ],
)
def test_each_ruling_is_one_fact_with_what_it_moves(
    pair: Pair, state: State, ruling: Ruling, minutes: int, fund: int, after: State, paid: int
) -> None:
    with saved(pair.app) as session:
        fill_fund(60)
        exchange = to_decide(pair, state)
        dispute = decide(exchange, ruling, minutes, fund)
        assert (exchange.state, exchange.awaiting_urn) == (after, None)
        assert (dispute.outcome, dispute.reasons) == (Outcome.RULED, REASONS)
        assert Book(session).account(FUND).posted == 60 - fund
        step = session.scalars(
            sa.select(ExchangeEvent)
            .where(ExchangeEvent.exchange_id == exchange.id)
            .order_by(ExchangeEvent.id.desc())
        ).first()
        assert step is not None
        assert (step.step, step.text, step.minutes) == ("rule", REASONS, minutes)
        for transaction_id in (dispute.transaction_id, dispute.fund_transaction_id):
            if transaction_id is not None:
                transaction = Book(session).transaction(transaction_id)
                assert transaction.reference == exchange.reference
                assert f"ruling on dispute {dispute.id}" in transaction.memo
        assert Book(session).verify().faults == ()
    assert pair.money == {
        "giver": (GRANT + paid + fund, 0, 0),
        "taker": (GRANT - paid, 0, 0),
    }


@pytest.mark.parametrize(
    ("state", "ruling", "minutes", "fund", "message"),
    [
        (State.DELIVERED, Ruling.PAY, 0, 0, "how many credits the receiver pays"),
        (State.DELIVERED, Ruling.PAY, 195, 0, "At most 3 credits"),
        (State.DELIVERED, Ruling.SPLIT, 60, 0, "how many credits the fund pays"),
        (State.DELIVERED, Ruling.SPLIT, 0, 60, "how many credits the receiver pays"),
        (State.DELIVERED, Ruling.SPLIT, 120, 75, "more than what was agreed"),
        (State.DELIVERED, Ruling.SPLIT, 60, 60, "The network’s fund has 0 credits"),
        (State.DELIVERED, Ruling.VOID, 60, 0, "Nothing is due"),
        (State.DELIVERED, Ruling.REVERSE, 0, 0, "cannot be decided here"),
        (State.CONFIRMED, Ruling.VOID, 0, 0, "cannot be decided here"),
    ],
)
def test_a_ruling_that_cannot_be_moves_nothing(
    pair: Pair, state: State, ruling: Ruling, minutes: int, fund: int, message: str
) -> None:
    with saved(pair.app) as session:
        exchange = to_decide(pair, state)
        savepoint = session.begin_nested()
        with pytest.raises(Refusal, match=message):
            decide(exchange, ruling, minutes, fund)
        savepoint.rollback()
        assert exchange.state == State.DISPUTED


def test_nobody_rules_before_the_other_side_has_had_its_time(
    pair: Pair, set_clock: SetClock
) -> None:
    with saved(pair.app):
        exchange = brought_to(State.DELIVERED, pair.giver, pair.taker)
        disputed(pair.taker, exchange)
        with pytest.raises(Refusal, match=r"has until .* to answer"):
            decide(exchange, Ruling.VOID)
        set_clock.move(days=7)
        decide(exchange, Ruling.VOID)
        assert exchange.state == State.CANCELLED


def test_an_operator_of_one_of_the_schools_does_not_rule(pair: Pair) -> None:
    with saved(pair.app) as session:
        exchange = to_decide(pair)
        for school in (pair.giver, pair.taker):
            person = PersonFactory(
                roles=[(Role.OPERATOR, None), (Role.MEMBER, session.get_one(School, school.urn))]
            )
            partial = Actor(person.id, person.name, frozenset({Role.OPERATOR}))
            with pytest.raises(NotAllowed, match="Another operator has to act"):
                decide(exchange, Ruling.VOID, actor=partial)
            assert list_to_decide(session, partial, 5) == [], "it is no task of theirs"
            assert session.scalar(sa.select(count_to_decide(partial))) == 0
        assert session.scalar(sa.select(count_to_decide(operator()))) == 1
        assert exchange.state == State.DISPUTED


def test_beyond_a_limit_one_person_does_not_rule(pair: Pair) -> None:
    """The giver has spent what it was paid, so that it could not pay it back by itself."""
    with saved(pair.app) as session:
        exchange = to_decide(pair, State.CONFIRMED)
        spend_all(pair.giver)
        savepoint = session.begin_nested()
        with pytest.raises(BeyondLimit, match="two people"):
            decide(exchange, Ruling.REVERSE)
        savepoint.rollback()
        assert exchange.state == State.DISPUTED


def test_the_operator_opens_a_dispute_for_a_school_that_has_closed(pair: Pair) -> None:
    with saved(pair.app) as session:
        exchange = brought_to(State.DELIVERED, pair.giver, pair.taker)
        runs = operator()
        what = {"minutes": 120, "text": "They said two hours.", "version": exchange.version}
        with pytest.raises(NotFound):
            rulings.open_for_school(session, runs, exchange, exchange.provider_urn, **what)
        close(session.get_one(School, pair.taker.urn))
        dispute = rulings.open_for_school(session, runs, exchange, exchange.provider_urn, **what)
        assert (dispute.by_network, dispute.opened_by_urn) == (True, pair.giver.urn)
        # Nobody at the closed school can answer, so nobody waits for it.
        decide(exchange, Ruling.PAY, 120)
    assert pair.money["giver"] == (GRANT + 120, 0, 0)


def test_a_ruling_settles_with_a_school_that_is_paused(pair: Pair) -> None:
    with saved(pair.app) as session:
        exchange = to_decide(pair)
        freeze_school(session, operator(), pair.taker.school(), "No answer.")
        decide(exchange, Ruling.PAY, 120)
    assert pair.money["giver"] == (GRANT + 120, 0, 0)


def test_an_open_dispute_keeps_a_school_from_leaving(pair: Pair) -> None:
    with saved(pair.app) as session:
        exchange = to_decide(pair)
        school = session.get_one(School, pair.taker.urn)
        seen = leaving_of(session, school).fingerprint
        what = {"reason": "They asked.", "heir_urn": None, "seen": seen}
        with pytest.raises(Refusal, match="1 open dispute, so it cannot leave yet"):
            let_school_leave(session, operator(), school.urn, **what)
        decide(exchange, Ruling.VOID)
        what["seen"] = leaving_of(session, school).fingerprint
        let_school_leave(session, operator(), school.urn, **what)
        assert school.left_at is not None


@pytest.mark.parametrize("state", [State.DELIVERED, State.CONFIRMED])
def test_a_dispute_goes_on_at_the_successor(pair: Pair, state: State) -> None:
    with saved(pair.app) as session:
        exchange = to_decide(pair, state)
        old, new = session.get_one(School, pair.taker.urn), joined_school()
        close(old, new)
        succeed_by_register(session, old.urn, Policy())
        assert (exchange.state, exchange.receiver_urn) == (State.DISPUTED, new.urn)
        dispute = session.scalars(sa.select(Dispute)).one()
        assert dispute.opened_by_urn == new.urn
        successor = actor_for(new)
        service.make_offer(session, successor, exchange, minutes=180, version=exchange.version)
        service.accept_offer(session, pair.giver, exchange, version=exchange.version)
        assert exchange.state == State.CONFIRMED
    assert pair.money["giver"] == (GRANT + 180, 0, 0)


def test_a_dispute_ends_when_the_two_schools_become_one(pair: Pair) -> None:
    with saved(pair.app) as session:
        held, paid = to_decide(pair), to_decide(pair, State.CONFIRMED)
        close(session.get_one(School, pair.taker.urn), session.get_one(School, pair.giver.urn))
        succeed_by_register(session, pair.taker.school(), Policy())
        assert (held.state, paid.state) == (State.CANCELLED, State.CONFIRMED)
        outcomes = session.scalars(sa.select(Dispute.outcome)).all()
        assert outcomes == [Outcome.WITHDRAWN, Outcome.WITHDRAWN]


def test_a_double_press_rules_once(pair: Pair) -> None:
    with saved(pair.app) as session:
        exchange = to_decide(pair)
        version, runs = exchange.version, operator()
        decision = Decision(Ruling.PAY, 120, 0, REASONS)
        first, second = (
            rulings.rule(session, runs, exchange, decision, version=version) for _ in range(2)
        )
        assert first is second
        with pytest.raises(Conflict, match="the network’s operator ruled on the dispute"):
            rulings.rule(
                session, runs, exchange, Decision(Ruling.VOID, 0, 0, REASONS), version=version
            )
    assert pair.money["giver"] == (GRANT + 120, 0, 0)


def test_reasons_are_removed_with_the_other_texts(pair: Pair) -> None:
    with saved(pair.app) as session:
        dispute = decide(to_decide(pair), Ruling.VOID)
        assert remove_reasons(session, clock.now() - timedelta(days=1)) == 0
        assert remove_reasons(session, clock.now() + timedelta(days=1)) == 1
        session.refresh(dispute)
        assert dispute.reasons == ""
