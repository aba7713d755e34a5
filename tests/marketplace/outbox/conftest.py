from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.outbox.events import Event
from marketplace.outbox.models import OutboxDelivery
from marketplace.outbox.schedule import get_schedule
from marketplace.outbox.service import record
from marketplace.outbox.subscribers import get_subscribers
from tests.marketplace.outbox.bells import BellRung, SetClock, effects, note_effect

OWN_JOBS = {"prune_outbox"}
"""The jobs of the outbox itself."""


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    set_clock = SetClock()
    monkeypatch.setattr(clock, "now", set_clock.now)
    return set_clock


class House:
    """The application with subscribers of the tests' own."""

    def __init__(self, app: Skillbank) -> None:
        self.app = app
        with app.app_context(), db.engine.begin() as connection:
            effects.create(connection)

    def record(self, event: Event) -> int:
        with self.app.app_context():
            row = record(db.session(), event)
            db.session.commit()
            return row.id

    def keep_own_jobs(self) -> None:
        """Let other features' jobs be: whoever moves the clock by hours runs all of them."""
        schedule = get_schedule(self.app)
        for entry in list(schedule):
            if entry.name not in OWN_JOBS:
                del schedule._entries[entry.name]

    def subscribe(self, name: str, before: Callable[[Event], None] = lambda event: None) -> None:
        """A subscriber that calls ``before`` and then notes its effect."""

        def handler(session: Session, event: BellRung) -> None:
            before(event)
            note_effect(session, name, event)

        get_subscribers(self.app).subscribe(BellRung, name, handler)

    def effects(self) -> list[tuple[str, int]]:
        with self.app.app_context():
            return sorted(tuple(row) for row in db.session.execute(sa.select(effects)))

    def delivery(self, subscriber: str) -> OutboxDelivery:
        with self.app.app_context():
            delivery = db.session.scalars(
                sa.select(OutboxDelivery).where(OutboxDelivery.subscriber == subscriber)
            ).one()
            db.session.expunge(delivery)
            return delivery

    def jobs(self, *words: str) -> tuple[int, str]:
        """Run ``flask jobs …``; its exit code and what it says."""
        result = self.app.test_cli_runner().invoke(args=["jobs", *words])
        return result.exit_code, result.output


@pytest.fixture
def house(app: Skillbank, set_clock: SetClock) -> House:
    return House(app)
