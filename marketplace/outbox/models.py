"""Tables: events, their deliveries to subscribers, and the jobs on the schedule."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import RIGHTS, Base

LONGEST_ERROR = 300
LONGEST_RULE = 60


class DeliveryState(StrEnum):
    """The state of a delivery; one that a worker has claimed is still waiting."""

    WAITING = "waiting"
    DONE = "done"
    PARKED = "parked"


class OutboxEvent(Base):
    """One thing that happened; never changed but for ``distributed_at``.

    ``actor_id`` and the ids in ``data`` are not foreign keys: an event is a note of the past and
    must not keep a row alive, and this package knows none of the tables above it.
    """

    __tablename__ = "outbox_event"
    __table_args__ = (
        sa.Index(
            "ix_outbox_event_undistributed",
            "id",
            sqlite_where=sa.text("distributed_at IS NULL"),
            postgresql_where=sa.text("distributed_at IS NULL"),
        ),
        # Subscribers store the number of an event, so a number is never used again.
        {
            "sqlite_autoincrement": True,
            "info": {RIGHTS: "SELECT, INSERT, DELETE, UPDATE (distributed_at)"},
        },
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(sa.String(80))
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    actor_id: Mapped[int | None]
    school_urns: Mapped[list[int]] = mapped_column(sa.JSON)
    occurred_at: Mapped[datetime] = mapped_column(index=True)
    distributed_at: Mapped[datetime | None]
    """When a worker made the deliveries of it."""


class OutboxDelivery(Base):
    """One event for one subscriber, with its own tries.

    While a worker has it, ``claim_token`` says which claim, and ``next_try_at`` when its lease
    ends and another worker may take it.
    """

    __tablename__ = "outbox_delivery"
    __table_args__ = (
        sa.CheckConstraint(
            f"state IN ({', '.join(repr(state.value) for state in DeliveryState)})", name="state"
        ),
        sa.CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done_has_instant"),
        sa.CheckConstraint("claim_token IS NULL OR state = 'waiting'", name="claimed_is_waiting"),
        sa.UniqueConstraint("event_id", "subscriber"),
        sa.Index(
            "ix_outbox_delivery_waiting",
            "next_try_at",
            "id",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        ),
        sa.Index(
            "ix_outbox_delivery_parked",
            "id",
            sqlite_where=sa.text("state = 'parked'"),
            postgresql_where=sa.text("state = 'parked'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("outbox_event.id", ondelete="CASCADE"))
    subscriber: Mapped[str] = mapped_column(sa.String(80))
    state: Mapped[str] = mapped_column(sa.String(10), default=DeliveryState.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    claim_token: Mapped[str | None] = mapped_column(sa.String(32))
    last_error: Mapped[str | None] = mapped_column(sa.String(LONGEST_ERROR))
    done_at: Mapped[datetime | None]


def is_in(state: DeliveryState) -> sa.ColumnElement[bool]:
    """Return the SQL condition for ``state``, written so that the partial indexes are used.

    A database plans a bound parameter for any value, and these indexes are for one.
    """
    return OutboxDelivery.state == sa.literal(state.value, sa.String, literal_execute=True)


class ScheduledJob(Base):
    """One job of the schedule: when it ran, what came of it, and when it is due."""

    __tablename__ = "scheduled_job"

    name: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    rule: Mapped[str] = mapped_column(sa.String(LONGEST_RULE))
    """How often, in words; a job whose rule has changed in the code is due by its new one."""
    next_due_at: Mapped[datetime]
    claim_token: Mapped[str | None] = mapped_column(sa.String(32))
    claimed_until: Mapped[datetime | None]
    last_started_at: Mapped[datetime | None]
    last_finished_at: Mapped[datetime | None]
    last_result: Mapped[str | None] = mapped_column(sa.Text)
    last_error: Mapped[str | None] = mapped_column(sa.String(LONGEST_ERROR))
    runs: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    """How many runs have failed since the last that did not."""
