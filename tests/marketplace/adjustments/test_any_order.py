"""Whatever two operators propose and decide, in any order: the book and the trail agree."""

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
from marketplace.adjustments.kinds import KINDS
from marketplace.adjustments.models import Adjustment, AdjustmentState, Step
from marketplace.adjustments.queries import trail_of
from marketplace.adjustments.service import refuse_adjustment, withdraw_adjustment
from marketplace.application import Skillbank
from marketplace.credits.accounts import find_account
from marketplace.database import db
from marketplace.errors import Refusal
from marketplace.network.joining import join
from marketplace.schools.models import School
from marketplace.settings import Policy
from tests.marketplace.adjustments.factories import approved, proposed
from tests.marketplace.network.factories import joined_school, operator

POLICY = Policy(joining_grant=120, credit_limit=120)
PLACE = st.integers(0, 1)
MINUTES = st.sampled_from((15, 60, 180))


class Adjusting(RuleBasedStateMachine):
    """Two schools and two operators; what is refused changes nothing."""

    app: Skillbank

    @initialize()
    def begin(self) -> None:
        """Two schools that take part, and two operators."""
        self.context = self.app.app_context()
        self.context.push()
        self.session: Session = db.session()
        self.urns = [joined_school().urn for _ in range(2)]
        self.people = operator(), operator()
        self.number = 0

    def teardown(self) -> None:
        """Prove the book, and forget everything."""
        if hasattr(self, "context"):
            faults = Book(self.session).verify().faults
            self.session.rollback()
            db.session.remove()
            self.context.pop()
            assert faults == ()

    def attempt(self, verb: Any, *arguments: Any, **named: Any) -> Any:
        """Do it, or nothing at all if it is refused."""
        with suppress(Refusal), self.session.begin_nested():
            return verb(*arguments, **named)
        self.session.expire_all()
        return None

    def waiting(self, number: int) -> Adjustment | None:
        """One of the open adjustments."""
        query = self.session.query(Adjustment).filter(Adjustment.state == "proposed")
        rows = query.order_by(Adjustment.id).all()
        return rows[number % len(rows)] if rows else None

    def person(self, place: int) -> Actor:
        """One of the two operators."""
        return self.people[place]

    @rule(
        kind=st.sampled_from(sorted(KINDS.keys() - {"correction", "ruling"})),
        who=PLACE,
        place=PLACE,
        minutes=MINUTES,
        urgent=st.booleans(),
        heir=st.booleans(),
    )
    def propose(
        self, kind: str, who: int, place: int, minutes: int, urgent: bool, heir: bool
    ) -> None:
        """Somebody proposes something."""
        details: dict[str, object] = {}
        if kind in ("grant", "write-off"):
            details["minutes"] = minutes
        if kind == "limit":
            details |= {"floor": -minutes, "ceiling": minutes * 4}
        if kind == "leaving" and heir:
            details["heir_urn"] = self.urns[1 - place]
        self.number += 1
        key = f"the key of a form {self.number}"
        urn = self.urns[place]
        self.attempt(proposed, self.person(who), kind, urn, urgent=urgent, key=key, **details)

    @rule(who=PLACE, number=st.integers(0, 9), despite=st.booleans())
    def approve(self, who: int, number: int, despite: bool) -> None:
        """Somebody approves one of those that wait."""
        adjustment = self.waiting(number)
        if adjustment is None:
            return
        done = self.attempt(approved, adjustment, self.person(who), despite_changes=despite)
        assert done is None or adjustment.proposed_by_id != self.person(who).person_id

    @rule(who=PLACE, number=st.integers(0, 9), withdraw=st.booleans())
    def end(self, who: int, number: int, withdraw: bool) -> None:
        """Somebody refuses or withdraws one of them."""
        adjustment = self.waiting(number)
        if adjustment is None:
            return
        if withdraw:
            self.attempt(withdraw_adjustment, self.session, self.person(who), adjustment.id)
        else:
            self.attempt(
                refuse_adjustment, self.session, self.person(who), adjustment.id, reason="No."
            )

    @rule(place=PLACE, minutes=MINUTES)
    def pay(self, place: int, minutes: int) -> None:
        """The one school pays the other."""
        codes = [f"school:{self.urns[place]}", f"school:{self.urns[1 - place]}"]
        self.number += 1
        with suppress(Exception), self.session.begin_nested():
            Book(self.session).transfer(*codes, minutes, key=f"pay {self.number}", actor="test")

    @rule(place=PLACE)
    def joins(self, place: int) -> None:
        """A school that has left joins again."""
        school = self.session.get_one(School, self.urns[place])
        self.attempt(join, self.session, school, POLICY, actor="test")

    @precondition(lambda self: hasattr(self, "session"))
    @invariant()
    def is_sound(self) -> None:
        """Two people decided whatever is done, accounts are frozen where schools are paused."""
        for adjustment in self.session.query(Adjustment).all():
            trail = trail_of(self.session, adjustment.id)
            assert trail[0].step == Step.PROPOSED
            assert len(trail) == (1 if adjustment.is_open else 2)
            if adjustment.state == AdjustmentState.DONE:
                assert adjustment.decided_by_id not in (None, adjustment.proposed_by_id)
                assert trail[1].figures
            elif adjustment.confirm_by is None:
                assert all(not event.transactions for event in trail)
        for urn in self.urns:
            school = self.session.get_one(School, urn)
            account = find_account(self.session, urn)
            assert account is not None
            stopped = school.joined_at is None or school.paused_at is not None
            assert (account.status == "frozen") == stopped


@pytest.fixture
def adjusting(app: Skillbank) -> type[Adjusting]:
    """The state machine on one database."""
    return type("OneNetwork", (Adjusting,), {"app": app, "TestCase": Adjusting.TestCase})


def test_whatever_is_proposed_and_decided(adjusting: type[Adjusting]) -> None:
    run_state_machine_as_test(
        adjusting,
        settings=settings(
            max_examples=10,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
