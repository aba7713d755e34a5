"""Any walk through an exchange and its disputes moves the credits as a small model says."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from ledger import Book
from marketplace.accounts.actor import Actor
from marketplace.clock import today
from marketplace.credits.chart import FUND, ISSUANCE, account_code
from marketplace.database import db
from marketplace.errors import Refusal
from marketplace.exchanges import service as steps
from marketplace.exchanges.disputes import rulings, service
from marketplace.exchanges.disputes.models import Ruling
from marketplace.exchanges.disputes.rulings import Decision
from marketplace.exchanges.models import Exchange, State
from marketplace.settings import Policy
from tests.marketplace.exchanges.conftest import Pair
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import operator

AGREED = 120
FIGURES = st.sampled_from([0, 30, 60, 90, 120])
SIDES = st.sampled_from(["giver", "taker"])


@dataclass
class Model:
    """What the credits of one exchange have to be: paid, held, and paid by the fund, in minutes."""

    paid: int = 0
    held: int = AGREED
    by_fund: int = 0
    offer: tuple[str, int] | None = None
    stated: int = 0
    log: list[str] = field(default_factory=list)

    def pay(self, minutes: int, fund: int) -> None:
        """The receiver has paid ``minutes`` and the fund its part; nothing is held any more."""
        self.paid, self.by_fund, self.held = minutes, fund, 0


class Walk:
    """One exchange that is agreed, its two schools and an operator."""

    def __init__(self, session: Session, pair: Pair, runs: Actor) -> None:
        self.session, self.runs = session, runs
        self.actors = {"giver": pair.giver, "taker": pair.taker}
        self.exchange = brought_to(State.AGREED, pair.giver, pair.taker, minutes=AGREED)
        self.model = Model()

    def take(self, name: str, side: str, minutes: int, fund: int) -> None:
        """Take a step if it is possible; one that is refused changes nothing."""
        pays: tuple[int, int] | None = None
        actor, exchange, version = self.actors[side], self.exchange, self.exchange.version
        model, session = self.model, self.session
        savepoint = session.begin_nested()
        try:
            match name:
                case "deliver":
                    steps.deliver(
                        session, actor, exchange, minutes=minutes, on_date=today(), note="",
                        policy=Policy(), version=version,
                    )  # fmt: skip
                    model.stated = minutes
                case "send back":
                    steps.send_back(session, actor, exchange, "No.", version=version)
                case "confirm":
                    steps.confirm(session, actor, exchange, version=version)
                    pays = (model.stated, 0)
                case "cancel":
                    steps.cancel(session, actor, exchange, "No.", version=version)
                    pays = (0, 0)
                case "open":
                    service.open_dispute(
                        session, actor, exchange, minutes=minutes, text="No.", version=version
                    )
                    model.offer = None
                case "answer":
                    service.answer_dispute(
                        session, actor, exchange, minutes=minutes, text="Yes.", version=version
                    )
                case "offer":
                    service.make_offer(session, actor, exchange, minutes=minutes, version=version)
                    model.offer = (side, minutes)
                case "accept":
                    service.accept_offer(session, actor, exchange, version=version)
                    assert model.offer is not None
                    assert model.offer[0] != side
                    pays = (model.offer[1], 0)
                case "withdraw":
                    service.withdraw_dispute(session, actor, exchange, "", version=version)
                case "rule":
                    self._rule(minutes, fund, version)
                    pays = (minutes, fund if minutes else 0)
            savepoint.commit()
            if pays is not None:
                model.pay(*pays)
            model.log.append(f"{side}: {name} {minutes}")
        except Refusal:
            savepoint.rollback()

    def _rule(self, minutes: int, fund: int, version: int) -> None:
        nothing = Ruling.VOID if self.exchange.transaction_id is None else Ruling.REVERSE
        ruling = (Ruling.SPLIT if fund else Ruling.PAY) if minutes else nothing
        decision = Decision(ruling, minutes, fund if minutes else 0, "So it was.")
        rulings.rule(self.session, self.runs, self.exchange, decision, version=version)


STEPS = st.tuples(
    st.sampled_from(
        ["deliver", "send back", "confirm", "cancel", "open", "open", "answer", "offer", "accept",
         "withdraw", "rule", "rule"]
    ),
    SIDES,
    FIGURES,
    st.sampled_from([0, 0, 30]),
)  # fmt: skip


@pytest.fixture
def stocked(pair: Pair) -> tuple[Pair, Actor]:
    """Two schools, an operator, and a fund with something in it."""
    with saved(pair.app) as session:
        runs = operator()
        Book(session).transfer(ISSUANCE, FUND, 6000, key="fund", kind="grant", actor="test")
    return pair, runs


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(walk=st.lists(STEPS, min_size=8, max_size=14))
def test_any_walk_moves_what_the_model_says(
    stocked: tuple[Pair, Actor], walk: list[tuple[str, str, int, int]]
) -> None:
    pair, runs = stocked
    with pair.app.app_context():
        session = db.session()
        book = Book(session)
        before = book.balances()
        one = Walk(session, pair, runs)
        for step in walk:
            one.take(*step)
            now = book.balances()
            giver, taker = (account_code(side.school()) for side in (pair.giver, pair.taker))
            model = one.model
            log = model.log
            assert now[taker].posted == before[taker].posted - model.paid, log
            assert now[giver].posted == before[giver].posted + model.paid + model.by_fund, log
            assert now[FUND].posted == before[FUND].posted - model.by_fund, log
            assert now[taker].held_out - before[taker].held_out == model.held, log
            assert now[giver].held_in - before[giver].held_in == model.held, log
            assert sum(account.posted for account in now.values()) == 0
            is_open = one.exchange.state in (State.AGREED, State.DELIVERED, State.DISPUTED)
            assert is_open or model.held == 0
        session.get_one(Exchange, one.exchange.id)
        session.rollback()
