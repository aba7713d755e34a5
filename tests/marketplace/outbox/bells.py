"""An event of the tests' own, a table that shows what its subscribers did, and a set clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.outbox.events import Event

effects = sa.Table(
    "test_effect",
    sa.MetaData(),  # not the marketplace's: its tables are compared with the migrations
    sa.Column("subscriber", sa.String),
    sa.Column("event_id", sa.Integer),
)


@dataclass(frozen=True, kw_only=True)
class BellRung(Event):
    type = "bell.rung"
    bell_id: int
    ringer_ids: tuple[int, ...] = ()


def rung(bell_id: int = 1, **more: int) -> BellRung:
    return BellRung(actor_id=7, school_urns=(100_001, 100_002), bell_id=bell_id, **more)


def note_effect(session: Session, subscriber: str, event: Event) -> None:
    session.execute(effects.insert().values(subscriber=subscriber, event_id=event.id))


class SetClock:
    """A clock that stands still until it is moved on."""

    def __init__(self, instant: datetime = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)) -> None:
        self.instant = instant

    def now(self) -> datetime:
        return self.instant

    def move(self, **length: float) -> None:
        self.instant += timedelta(**length)
