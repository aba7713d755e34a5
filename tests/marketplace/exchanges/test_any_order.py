"""Whatever two schools and the network do with exchanges: the book is as the ledger's model says.

Exchanges, disputes, rulings and corrections go in any order. The model of the ledger, which is
plain Python, is told what each step has to move; it refuses what the ledger's rules forbid. One
exchange is free within the trust of the two schools, which changes its mind: it moves nothing.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session

from ledger import Book, Override, Posting
from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.application import Skillbank
from marketplace.clock import today
from marketplace.credits.chart import FUND, ISSUANCE, account_code
from marketplace.database import db
from marketplace.errors import Refusal
from marketplace.exchanges import service as steps
from marketplace.exchanges.corrections import service as corrections
from marketplace.exchanges.corrections.queries import latest_correction
from marketplace.exchanges.disputes import rulings, second_person, service
from marketplace.exchanges.disputes.again import ask_again
from marketplace.exchanges.disputes.models import Ruling
from marketplace.exchanges.disputes.queries import latest_dispute
from marketplace.exchanges.disputes.rulings import Decision
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.within_trust.service import set_within_trust
from marketplace.network.joining import join
from marketplace.settings import Policy
from marketplace.statements.figures import Figures, figures_of
from marketplace.statements.period import Period
from tests.ledger.keys import new_key
from tests.ledger.model import Model
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.exchanges.same_person.factories import trust_administrator
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import operator
from tests.marketplace.schools.factories import SchoolFactory, TrustFactory

POLICY = Policy(joining_grant=180, credit_limit=60)
AGREED, IN_FUND = 120, 90
PAID, FREE = (0, 1), 2
"""The numbers of the exchanges for credits, and of the one that is free."""
SIDE = st.sampled_from((0, 1))
NUMBER = st.sampled_from((*PAID, *PAID, FREE))
CHOICE = st.integers(0, 104)
FIGURE = st.sampled_from((0, 15, 60, 90, 120))
OVERRIDE = Override("two people", "So it was.")
USUAL = {
    State.PROPOSED: ("agree to it", "trust decides", "agree to it"),
    State.AGREED: ("deliver", "deliver", "open"),
    State.DELIVERED: ("confirm", "open", "confirm", "open", "send back"),
    State.CANCELLED: ("again",),
}
UNANSWERED = ("answer", "answer", "answer", "offer", "withdraw")
ANSWERED = ("rule", "rule", "rule by two", "offer", "rule", "withdraw")
CONFIRMED = ("ask", "open", "open")
ASKED = ("agree", "agree", "let through", "end", "open")
"""What can be done, the likelier the more often it is named."""
ANY = (
    *("deliver", "confirm", "send back", "cancel", "open", "again", "answer", "offer", "accept"),
    *("rule", "rule by two", "withdraw", "ask", "agree", "let through", "end", "trust decides"),
)
TAKERS, GIVERS = ("confirm", "send back"), ("deliver", "agree to it")


@dataclass
class One:
    """What the model knows of one exchange: minutes, and numbers of the model's ledger."""

    giver: str
    taker: str
    hold: int | None
    standing: int | None = None
    paid: int | None = None
    by_fund: int | None = None
    stated: int = AGREED
    offer: tuple[int, int] | None = None
    asked: tuple[int, int] | None = None
    is_ruled: bool = False
    rulers: set[int] = field(default_factory=set)
    again: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class World:
    """Two poor schools of a trust, three operators, and exchanges.

    Those for credits were delivered; the free one is proposed, and the trust helps for nothing.
    """

    app: Skillbank
    schools: tuple[Actor, Actor]
    director: Actor
    operators: tuple[Actor, Actor, Actor]
    exchange_ids: tuple[int, ...]

    def pair(self, number: int) -> tuple[Actor, Actor]:
        """Who gives and who takes: each gives some."""
        return self.schools if number % 2 == 0 else (self.schools[1], self.schools[0])


@pytest.fixture
def world(app: Skillbank) -> World:
    """Made once: each walk begins with it, and is taken back."""
    with saved(app) as session:
        trust = TrustFactory()
        schools = SchoolFactory(trust=trust), SchoolFactory(trust=trust)
        for school in schools:
            join(session, school, POLICY, actor="test")
        Book(session).transfer(ISSUANCE, FUND, IN_FUND, key="fund", kind="grant", actor="test")
        one, two = (actor_for(school) for school in schools)
        exchanges = [
            brought_to(State.DELIVERED, *pair, minutes=AGREED) for pair in ((one, two), (two, one))
        ]
        director = trust_administrator(trust.id, one)
        set_within_trust(session, director, free=True)
        exchanges.append(brought_to(State.PROPOSED, one, two, minutes=AGREED, free=True))
        operators = operator(), operator(), operator()
        return World(app, (one, two), director, operators, tuple(each.id for each in exchanges))


class Exchanges(RuleBasedStateMachine):
    """Three exchanges of two schools; beside them the model of the ledger."""

    world: World

    @initialize()
    def begin(self) -> None:
        """Tell the model what there is already."""
        self.context = self.world.app.app_context()
        self.context.push()
        self.session: Session = db.session()
        self.codes = [account_code(actor.school()) for actor in self.world.schools]
        self.model = Model(clock.now)
        for code in self.codes:
            self.model.open_account(code, -POLICY.credit_limit, None)
        self.model.open_account(FUND, 0, None)
        self.model.open_account(ISSUANCE, None, 0)
        for code, minutes in (
            *((code, POLICY.joining_grant) for code in self.codes),
            (FUND, IN_FUND),
        ):
            self.model.post([Posting(ISSUANCE, -minutes), Posting(code, minutes)], new_key())
        self.ones = []
        for number in (*PAID, FREE):
            giver, taker = (account_code(actor.school()) for actor in self.world.pair(number))
            hold = None
            if number != FREE:
                hold = self.model.hold(taker, giver, AGREED, new_key(), None)
            self.ones.append(One(giver, taker, hold))
        self.helps_for_nothing = True

    def teardown(self) -> None:
        """Prove the book and the statements, and forget everything."""
        if hasattr(self, "context"):
            self.session.flush()
            faults = Book(self.session).verify().faults
            statements = [self.figures(code) for code in self.codes]
            entries = [self.raw_figures(code) for code in self.codes]
            self.session.rollback()
            db.session.remove()
            self.context.pop()
            assert faults == ()
            assert statements == entries

    def figures(self, code: str) -> tuple[int, int, int, int]:
        """What a statement comes to: given, received, by anything else, and at the end."""
        figures: Figures = figures_of(self.session, code, Period(today(), today()))
        return figures.given, figures.received, figures.other, figures.closing

    def raw_figures(self, code: str) -> tuple[int, int, int, int]:
        """The same, added up from the records themselves."""
        given = received = other = 0
        for one in Book(self.session).journal(limit=1000).transactions:
            amount = sum(entry.amount for entry in one.entries if entry.account == code)
            if not one.reference.startswith("exchange:"):
                other += amount
            elif (amount > 0) == (one.reverses is None):
                given += amount
            else:
                received -= amount
        return given, received, other, Book(self.session).balance(code)

    @rule(
        number=NUMBER,
        odd=st.integers(0, 9),
        choice=CHOICE,
        side=SIDE,
        minutes=FIGURE,
        fund=st.sampled_from((0, 30, 30)),
    )
    def step(self, number: int, odd: int, choice: int, side: int, minutes: int, fund: int) -> None:
        """Mostly what can be done as an exchange stands; else anything, which moves nothing."""
        if odd == 1:
            self.take(ANY[choice % len(ANY)], number, side, minutes, fund)
        elif odd == 2:
            self.spend(side)
        else:
            self.usual(number, choice, side, minutes, fund)

    def usual(self, number: int, choice: int, side: int, minutes: int, fund: int) -> None:
        """Something that can be done with an exchange as it stands, by whom it waits for."""
        exchange, one = self.exchange(number), self.ones[number]
        state = State(exchange.state)
        if state == State.DISPUTED:
            is_answered = latest_dispute(self.session, exchange).answered_at is not None
            names = ANSWERED if is_answered else UNANSWERED
            names = ("accept", *names) if one.offer else names
        elif state == State.CONFIRMED:
            names = ASKED if one.asked else CONFIRMED
        else:
            names = USUAL[state]
        if one.is_ruled:
            names = tuple("again" if name == "open" else name for name in names)
        name = names[choice % len(names)]
        if name in TAKERS + GIVERS:
            side = self.codes.index(one.taker if name in TAKERS else one.giver)
        elif name in ("answer", "accept", "agree", "let through") and exchange.awaiting_urn:
            side = self.codes.index(account_code(exchange.awaiting_urn))
        self.take(name, number, side, minutes, fund)

    def spend(self, side: int) -> None:
        """A school gives what it has elsewhere, so that it is missing here."""
        code = self.codes[side]
        minutes = Book(self.session).account(code).available or 0
        if minutes > 0:
            Book(self.session).transfer(code, FUND, minutes, key=new_key(), actor="test")
            self.move(code, FUND, minutes)

    def exchange(self, number: int) -> Exchange:
        """One of the exchanges, as it is now."""
        return self.session.get_one(
            Exchange, self.world.exchange_ids[number], populate_existing=True
        )

    def take(self, name: str, number: int, side: int, minutes: int, fund: int) -> None:
        """Take a step as a page that has just been opened would; the model follows if it is done.

        ``side`` is the school, or the operator.
        """
        exchange, one = self.exchange(number), self.ones[number]
        act = partial(self.attempt, exchange)
        school = self.world.schools[side]
        match name:
            case "trust decides":
                self.helps_for_nothing = not self.helps_for_nothing
                set_within_trust(self.session, self.world.director, free=self.helps_for_nothing)
            case "agree to it":
                assert act(steps.agree, school) == self.helps_for_nothing
            case "deliver":
                what = {"minutes": minutes, "on_date": today(), "note": "", "policy": POLICY}
                if act(steps.deliver, school, **what):
                    one.stated = minutes
            case "send back":
                act(steps.send_back, school, "No.")
            case "cancel":
                if act(steps.cancel, school, "No."):
                    self.settle(one, 0)
            case "confirm":
                if act(steps.confirm, school):
                    self.settle(one, one.stated)
            case "open" | "again":
                again, verb = (
                    name == "again",
                    ask_again if name == "again" else service.open_dispute,
                )
                if act(verb, school, minutes=minutes, text="No."):
                    assert one.is_ruled == again
                    one.offer = one.asked = None
                    if again:
                        one.again.append(side)
                        assert one.again.count(side) == 1
            case "answer":
                act(service.answer_dispute, school, minutes=minutes, text="Yes.")
            case "offer":
                if act(service.make_offer, school, minutes=minutes):
                    one.offer = side, minutes
            case "accept":
                if act(service.accept_offer, school):
                    assert one.offer is not None
                    assert one.offer[0] != side
                    self.decide(one, one.offer[1], 0, beyond=False)
            case "withdraw":
                act(service.withdraw_dispute, school, "")
            case "rule":
                runs = self.world.operators[(minutes // 30 + len(one.rulers)) % 3]
                decision = self.decision(exchange, minutes, fund)
                if act(rulings.rule, runs, decision):
                    assert not one.again or runs.person_id not in one.rulers
                    self.ruled(one, decision, {runs.person_id}, beyond=False)
            case "rule by two":
                self.rule_by_two(exchange, one, self.decision(exchange, minutes, fund))
            case "ask":
                what = {"minutes": minutes, "reason": "No.", "policy": POLICY}
                if act(corrections.ask_correction, school, **what):
                    assert one.asked is None
                    assert minutes != one.paid
                    one.asked = side, minutes
            case "agree":
                if act(corrections.agree_to_correction, school):
                    self.correct(one, side, beyond=False)
            case "let through":
                if act(corrections.ask_network, school):
                    correction = latest_correction(self.session, exchange)
                    corrections.let_through_limit(
                        self.session, self.world.operators[0], correction.id, override=OVERRIDE
                    )
                    self.correct(one, side, beyond=True)
            case "end":
                verb = (
                    corrections.decline_correction if minutes else corrections.withdraw_correction
                )
                if act(verb, school, *(["No."] if minutes else [])):
                    assert one.asked is not None
                    assert (one.asked[0] != side) == bool(minutes)
                    one.asked = None

    def attempt(
        self, exchange: Exchange, verb: Any, actor: Actor, *more: Any, **named: Any
    ) -> bool:
        """Do it, or nothing at all if it is refused; say which."""
        with suppress(Refusal), self.session.begin_nested():
            verb(self.session, actor, exchange, *more, version=exchange.version, **named)
            return True
        self.session.expire_all()
        return False

    def decision(self, exchange: Exchange, minutes: int, fund: int) -> Decision:
        """A ruling that fits the exchange."""
        nothing = Ruling.VOID if exchange.transaction_id is None else Ruling.REVERSE
        if not minutes:
            return Decision(nothing, 0, 0, "So it was.")
        return Decision(Ruling.SPLIT if fund else Ruling.PAY, minutes, fund, "So it was.")

    def rule_by_two(self, exchange: Exchange, one: One, decision: Decision) -> None:
        """Two operators rule, beyond limits too."""
        first, second = self.world.operators[:2]
        if exchange.state != State.DISPUTED:
            return
        dispute = latest_dispute(self.session, exchange)
        with suppress(Refusal), self.session.begin_nested():
            second_person.rule_by_two(
                self.session,
                second,
                dispute.id,
                decision,
                proposed_by_id=first.person_id,
                override=OVERRIDE,
            )
            self.ruled(one, decision, {first.person_id, second.person_id}, beyond=True)
            return
        self.session.expire_all()

    def ruled(self, one: One, decision: Decision, rulers: set[int], *, beyond: bool) -> None:
        """An operator has ruled, or two have."""
        one.is_ruled = True
        one.rulers |= rulers
        self.decide(one, decision.minutes, decision.fund_minutes, beyond=beyond)

    def decide(self, one: One, minutes: int, fund: int, *, beyond: bool) -> None:
        """A dispute has ended with a figure: the fund has back what it paid, and pays anew."""
        if one.by_fund is not None:
            self.model.reverse(one.by_fund, new_key(), override=beyond)
            one.by_fund = None
        if one.hold is not None:
            self.settle(one, minutes)
        elif minutes != (one.paid or 0):
            self.pay_anew(one, minutes, beyond=beyond)
        if fund:
            one.by_fund = self.move(FUND, one.giver, fund)

    def correct(self, one: One, side: int, *, beyond: bool) -> None:
        """The school ``side`` has agreed to what the other one asked for."""
        assert one.asked is not None
        assert one.asked[0] != side
        assert one.by_fund is None
        self.pay_anew(one, one.asked[1], beyond=beyond)
        one.asked = None

    def settle(self, one: One, minutes: int) -> None:
        """What was held is paid, as far as ``minutes``, and the rest is released."""
        if one.hold is None:
            return
        action = "settle" if minutes else "void"
        number = self.model.resolve(action, one.hold, new_key(), minutes or None)
        one.hold = None
        if minutes:
            one.standing, one.paid = number, minutes

    def pay_anew(self, one: One, minutes: int, *, beyond: bool) -> None:
        """What was paid is reversed, and ``minutes`` are paid; limits hold after both."""
        if one.standing is not None:
            self.model.reverse(one.standing, new_key(), override=True)
        one.standing = None
        if minutes:
            one.standing = self.move(one.taker, one.giver, minutes, beyond=beyond)
        one.paid = minutes
        giver = self.model.accounts[one.giver]
        assert beyond or minutes or giver.posted >= -POLICY.credit_limit

    def move(self, source: str, target: str, minutes: int, *, beyond: bool = False) -> int:
        """Move minutes in the model."""
        lines, now = [Posting(source, -minutes), Posting(target, minutes)], clock.now()
        if beyond:
            instant = self.model.instant([source, target])
            return self.model.write(new_key(), lines, lines, instant, now.date())
        return self.model.post(lines, new_key())

    @invariant()
    def the_book_is_the_models(self) -> None:
        """Balances and holds are the model's, the book adds up to nothing, and limits stay."""
        if not hasattr(self, "ones"):
            return
        accounts, now = Book(self.session).balances(), clock.now()
        assert sum(account.posted for account in accounts.values()) == 0
        held: Counter[str] = Counter()
        for number, one in enumerate(self.ones):
            exchange = self.exchange(number)
            is_held = number != FREE and (
                exchange.state in (State.AGREED, State.DELIVERED)
                or (exchange.state == State.DISPUTED and one.hold is not None)
            )
            held[one.taker] += AGREED if is_held else 0
            assert (one.hold is not None) == is_held
            assert exchange.standing_minutes == one.paid
        for code in (*self.codes, FUND):
            account = accounts[code]
            assert account.posted == self.model.accounts[code].posted
            assert account.held_out == self.model.held(code, "source", now) == held[code]
            assert account.held_in == self.model.held(code, "target", now)
            assert account.floor == self.model.accounts[code].floor


def test_any_order(world: World) -> None:
    machine = type("Machine", (Exchanges,), {"world": world})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=10,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
