"""Random histories of recording, failing, killing and waiting: each event has one effect."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from marketplace.database import db
from marketplace.outbox.models import OutboxDelivery, OutboxEvent
from marketplace.outbox.retrying import RetryPolicy
from marketplace.outbox.service import record
from marketplace.outbox.subscribers import get_subscribers
from marketplace.outbox.worker import Worker
from tests.marketplace.outbox.bells import BellRung, SetClock, effects, rung
from tests.marketplace.outbox.conftest import House

POLICY = RetryPolicy(max_tries=2)
SUBSCRIBERS = ("diary", "post")

STEPS = st.lists(
    st.sampled_from(
        [
            "record",
            "record and roll back",
            "work",
            "wait",
            "retry",
            "fail",
            "kill before the effect",
            "kill after the effect",
            "kill after the commit",
        ]
    ),
    max_size=25,
)


class Killed(BaseException):
    """The process ends here."""


class History:
    """One application that is driven step by step; ``accidents`` befall the next handlers."""

    def __init__(self, house: House, set_clock: SetClock) -> None:
        self.house, self.clock = house, set_clock
        self.accidents: list[str] = []
        self.recorded: list[int] = []

    def handle(self, name: str, session: Session, event: BellRung) -> None:
        accident = self.accidents.pop(0) if self.accidents else ""
        if accident == "kill before the effect":
            raise Killed
        session.execute(effects.insert().values(subscriber=name, event_id=event.id))
        if accident == "fail":
            raise RuntimeError
        if accident == "kill after the effect":
            raise Killed
        if accident == "kill after the commit":

            def kill(_session: object) -> None:
                raise Killed

            sa.event.listen(session, "after_commit", kill, once=True)

    def step(self, step: str) -> None:
        if step == "record":
            self.recorded.append(self.house.record(rung()))
        elif step == "record and roll back":
            with self.house.app.app_context():
                record(db.session(), rung())
                db.session.flush()
                db.session.rollback()
        elif step == "work":
            self.work()
        elif step == "wait":
            self.clock.move(hours=7)
        elif step == "retry":
            self.house.jobs("retry", "--all")
        else:
            self.accidents.append(step)

    def work(self) -> None:
        try:
            Worker(self.house.app, POLICY).run_once()
        except Killed:
            return

    def end_well(self) -> None:
        """No more accidents: everything that was recorded must arrive."""
        self.accidents.clear()
        self.house.jobs("retry", "--all")
        for _ in range(3):
            self.clock.move(hours=7)
            self.work()
            self.house.jobs("retry", "--all")


@settings(
    max_examples=20,
    deadline=timedelta(seconds=20),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(steps=["kill before the effect", "record", "work"])
@example(steps=["kill after the effect", "record", "work"])
@example(steps=["kill after the commit", "record", "work", "wait", "work"])
@given(steps=STEPS)
def test_each_event_has_one_effect_for_each_subscriber(
    house: House, set_clock: SetClock, steps: list[str]
) -> None:
    history = History(house, set_clock)
    house.keep_own_jobs()
    subscribers = get_subscribers(house.app)
    subscribers._handlers.clear()
    for name in SUBSCRIBERS:
        subscribers.subscribe(
            BellRung, name, lambda session, event, name=name: history.handle(name, session, event)
        )
    with house.app.app_context():
        for table in (effects, OutboxDelivery.__table__, OutboxEvent.__table__):
            db.session.execute(sa.delete(table))
        db.session.commit()
    for step in steps:
        history.step(step)
        assert max(Counter(house.effects()).values(), default=1) == 1
    history.end_well()
    assert house.effects() == sorted(
        (name, number) for name in SUBSCRIBERS for number in history.recorded
    )
