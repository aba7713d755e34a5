"""Whatever two schools do with their exchanges, in any order: the book is what they agreed."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

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

from ledger import Book, Override
from marketplace.accounts.actor import Actor
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.errors import Refusal
from marketplace.exchanges.corrections import service
from marketplace.exchanges.corrections.queries import latest_correction
from marketplace.exchanges.models import Exchange, State
from marketplace.network.joining import join
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.network.factories import operator
from tests.marketplace.schools.factories import SchoolFactory

POLICY = Policy(joining_grant=180, credit_limit=60)
SIDE = st.sampled_from((0, 1))
FIGURE = st.sampled_from((0, 15, 60, 120, 180))
EXCHANGES = 3


class Corrections(RuleBasedStateMachine):
    """Three paid exchanges between two poor schools; the model is what each has paid."""

    app: Skillbank

    @initialize()
    def begin(self) -> None:
        """Pay for three exchanges, in both directions."""
        self.context = self.app.app_context()
        self.context.push()
        self.session: Session = db.session()
        schools = [SchoolFactory() for _ in range(2)]
        for school in schools:
            join(self.session, school, POLICY, actor="test")
        self.schools = [actor_for(school) for school in schools]
        self.operator = operator()
        self.exchanges = [
            brought_to(State.CONFIRMED, *self.schools[:: 1 - 2 * (number % 2)], minutes=180)
            for number in range(EXCHANGES)
        ]
        self.asked: dict[int, tuple[int, int]] = {}
        self.at_network: set[int] = set()
        self.paid = dict.fromkeys(range(EXCHANGES), 180)

    def teardown(self) -> None:
        """Prove the book, and forget everything."""
        if hasattr(self, "context"):
            self.session.flush()
            faults = Book(self.session).verify().faults
            self.session.rollback()
            db.session.remove()
            self.context.pop()
            assert faults == ()

    def attempt(self, verb: Any, *arguments: Any, **named: Any) -> bool:
        """Do it, or nothing at all if it is refused; say which."""
        with suppress(Refusal), self.session.begin_nested():
            verb(self.session, *arguments, **named)
            return True
        self.session.expire_all()
        return False

    def take(self, verb: Any, side: int, number: int, *more: Any, **named: Any) -> bool:
        """Let the school take a step as a page that has just been opened would."""
        exchange = self.exchange(number)
        actor: Actor = self.schools[side]
        return self.attempt(verb, actor, exchange, *more, version=exchange.version, **named)

    def exchange(self, number: int) -> Exchange:
        """One of the exchanges, as it is now."""
        return self.session.get_one(Exchange, self.exchanges[number].id, populate_existing=True)

    @rule(side=SIDE, number=st.integers(0, EXCHANGES - 1), minutes=FIGURE)
    def ask(self, side: int, number: int, minutes: int) -> None:
        """A school asks for another figure."""
        if self.take(
            service.ask_correction, side, number, minutes=minutes, reason="No.", policy=POLICY
        ):
            assert number not in self.asked
            assert minutes != self.paid[number]
            self.asked[number] = side, minutes

    @rule(side=SIDE, number=st.integers(0, EXCHANGES - 1))
    def agree(self, side: int, number: int) -> None:
        """A school agrees, if the other one asks and no limit is in the way."""
        if self.take(service.agree_to_correction, side, number):
            asker, minutes = self.asked.pop(number)
            assert asker != side
            self.paid[number] = minutes

    @rule(side=SIDE, number=st.integers(0, EXCHANGES - 1), decline=st.booleans())
    def end(self, side: int, number: int, decline: bool) -> None:
        """A school declines or withdraws."""
        done = (
            self.take(service.decline_correction, side, number, "No.")
            if decline
            else self.take(service.withdraw_correction, side, number)
        )
        if done:
            asker, _ = self.asked.pop(number)
            assert (asker != side) == decline
            self.at_network.discard(number)

    @rule(side=SIDE, number=st.integers(0, EXCHANGES - 1))
    def ask_network(self, side: int, number: int) -> None:
        """A school agrees, and a limit is in the way."""
        if self.take(service.ask_network, side, number):
            self.at_network.add(number)

    @rule(number=st.integers(0, EXCHANGES - 1))
    def let_through(self, number: int) -> None:
        """The network lets it through."""
        if number not in self.at_network:
            return
        correction = latest_correction(self.session, self.exchange(number))
        override = Override("two people", "Both schools want it.")
        assert self.attempt(
            service.let_through_limit, self.operator, correction.id, override=override
        )
        _, self.paid[number] = self.asked.pop(number)
        self.at_network.discard(number)

    @invariant()
    def the_book_is_what_they_agreed(self) -> None:
        """Each balance is the grant and what was paid; nothing is held."""
        if not hasattr(self, "paid"):
            return
        balances = [POLICY.joining_grant, POLICY.joining_grant]
        for number, minutes in self.paid.items():
            giver = number % 2
            balances[giver] += minutes
            balances[1 - giver] -= minutes
            assert self.exchange(number).standing_minutes == minutes
        book = Book(self.session)
        accounts = [book.account(f"school:{actor.urn}") for actor in self.schools]
        assert [account.posted for account in accounts] == balances
        assert {account.floor for account in accounts} == {-POLICY.credit_limit}
        assert all(account.held_out == account.held_in == 0 for account in accounts)


def test_any_order(app: Skillbank) -> None:
    machine = type("Machine", (Corrections,), {"app": app})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=10,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
