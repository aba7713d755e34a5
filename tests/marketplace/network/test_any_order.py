"""Whatever schools go through, in any order: the book adds up, and nothing is left behind."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session

from ledger import Book
from marketplace.accounts.actor import Actor
from marketplace.application import Skillbank
from marketplace.clock import today
from marketplace.database import db
from marketplace.errors import Refusal
from marketplace.exchanges import service
from marketplace.exchanges.models import OPEN_STATES, Exchange, State
from marketplace.network.joining import join
from marketplace.network.proposals import approve_succession, propose_succession
from marketplace.network.service import (
    freeze_school,
    leaving_of,
    let_school_leave,
    unfreeze_school,
)
from marketplace.network.succession import succeed_by_register
from marketplace.schools.models import School
from marketplace.settings import Policy
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.exchanges.factories import brought_to
from tests.marketplace.network.factories import close, joined_school, operator, reopen
from tests.marketplace.network.test_succession import assert_nothing_left
from tests.marketplace.schools.factories import SchoolFactory

POLICY = Policy(joining_grant=120, credit_limit=120)
SCHOOLS = 5
PLACE = st.integers(0, SCHOOLS - 1)
MINUTES = st.sampled_from((15, 60, 120, 180))


class Network(RuleBasedStateMachine):
    """A few schools to which anything may happen; what is refused changes nothing."""

    app: Skillbank

    @initialize()
    def begin(self) -> None:
        """Three schools that take part and two that do not, and two operators."""
        self.context = self.app.app_context()
        self.context.push()
        self.session: Session = db.session()
        joined = [joined_school() for _ in range(3)]
        schools = [*joined, *(SchoolFactory() for _ in range(SCHOOLS - 3))]
        self.urns = [school.urn for school in schools]
        self.operators = operator(), operator()

    def teardown(self) -> None:
        """Prove the book, and forget everything."""
        if hasattr(self, "context"):
            self.session.flush()
            faults = Book(self.session).verify().faults
            self.session.rollback()
            db.session.remove()
            self.context.pop()
            assert faults == ()

    def school(self, place: int) -> School:
        """One of the schools, as it is now."""
        return self.session.get_one(School, self.urns[place], populate_existing=True)

    def attempt(self, verb: Any, *arguments: Any, **named: Any) -> Any:
        """Do it, or nothing at all if it is refused."""
        with suppress(Refusal), self.session.begin_nested():
            return verb(*arguments, **named)
        self.session.expire_all()
        return None

    def somebody(self, urn: int) -> Actor:
        """A coordinator of the school."""
        return actor_for(self.session.get_one(School, urn))

    @rule(one=PLACE, two=PLACE, minutes=MINUTES, state=st.sampled_from(list(State)))
    def exchange(self, one: int, two: int, minutes: int, state: State) -> None:
        """Two schools exchange, as far as they may."""
        if one == two or "closed" in (self.school(one).status, self.school(two).status):
            return
        actors = [actor_for(self.school(place)) for place in (one, two)]
        self.attempt(brought_to, state, *actors, minutes=minutes)

    @rule(number=st.integers(0, 50))
    def step(self, number: int) -> None:
        """One of the open exchanges goes on."""
        open_ones = self.session.query(Exchange).filter(Exchange.state.in_(OPEN_STATES)).all()
        if not open_ones:
            return
        exchange = open_ones[number % len(open_ones)]
        awaiting = exchange.awaiting_urn
        if awaiting is None or self.session.get_one(School, awaiting).status == "closed":
            return
        actor = self.somebody(awaiting)
        if exchange.state == State.PROPOSED:
            self.attempt(service.agree, self.session, actor, exchange, version=exchange.version)
        elif exchange.state == State.AGREED:
            self.attempt(
                service.deliver,
                self.session,
                actor,
                exchange,
                minutes=15,
                on_date=today(),
                note="",
                policy=POLICY,
                version=exchange.version,
            )
        else:
            self.attempt(service.confirm, self.session, actor, exchange, version=exchange.version)

    @rule(place=PLACE, successor=st.none() | PLACE)
    def closes(self, place: int, successor: int | None) -> None:
        """The register closes a school, and perhaps names another."""
        heir = self.school(successor) if successor not in (None, place) else None
        close(self.school(place), heir)

    @rule(place=PLACE)
    def opens_again(self, place: int) -> None:
        """The register opens a school again."""
        if self.school(place).status == "closed":
            reopen(self.school(place))

    @rule(place=PLACE)
    def succeeds(self, place: int) -> None:
        """The worker gets to a closed school."""
        self.attempt(succeed_by_register, self.session, self.urns[place], POLICY)

    @rule(place=PLACE, successor=PLACE, write_off=st.booleans())
    def decide(self, place: int, successor: int, write_off: bool) -> None:
        """Two operators decide who carries on."""
        first, second = self.operators
        proposal = self.attempt(
            propose_succession,
            self.session,
            first,
            self.urns[place],
            self.urns[successor],
            write_off=write_off,
        )
        if proposal is not None:
            self.attempt(approve_succession, self.session, second, proposal.id, POLICY)

    @rule(place=PLACE)
    def pause(self, place: int) -> None:
        """An operator pauses a school."""
        self.attempt(freeze_school, self.session, self.operators[0], self.urns[place], "Why.")

    @rule(place=PLACE)
    def resume(self, place: int) -> None:
        """An operator lets it go on."""
        self.attempt(unfreeze_school, self.session, self.operators[0], self.urns[place])

    @rule(place=PLACE, heir=st.none() | PLACE)
    def leave(self, place: int, heir: int | None) -> None:
        """A school leaves."""
        seen = leaving_of(self.session, self.school(place)).fingerprint
        self.attempt(
            let_school_leave,
            self.session,
            self.operators[0],
            self.urns[place],
            reason="Why.",
            heir_urn=None if heir is None else self.urns[heir],
            seen=seen,
        )

    @rule(place=PLACE)
    def joins(self, place: int) -> None:
        """A school joins, for the first time or again."""
        self.attempt(join, self.session, self.school(place), POLICY, actor="test")

    @precondition(lambda self: hasattr(self, "session"))
    @invariant()
    def is_sound(self) -> None:
        """Nothing is past its limit, lost, or left behind."""
        self.session.flush()
        assert_nothing_left(self.session)
        for urn in self.urns:
            keys = f"joining-grant:{urn}"
            grants = Book(self.session).journal(reference=f"school:{urn}", kind="grant")
            assert len([one for one in grants.transactions if one.key == keys]) <= 1


@pytest.fixture
def network(app: Skillbank) -> type[Network]:
    """The state machine on one database."""
    return type("OneNetwork", (Network,), {"app": app, "TestCase": Network.TestCase})


def test_any_order_of_steps_keeps_the_book_and_leaves_nothing_behind(
    network: type[Network],
) -> None:
    run_state_machine_as_test(
        network,
        settings=settings(
            max_examples=8,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
