"""Reading the outbox: what waits, what is parked, and the state of the schedule."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.outbox.models import (
    DeliveryState,
    OutboxDelivery,
    OutboxEvent,
    ScheduledJob,
    is_in,
)

OVERDUE_AFTER = timedelta(minutes=15)
FAILING_AFTER = 3
"""A job is reported after as many failures on end; one or two mend themselves."""
SHOWN_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class ParkedDelivery:
    """A delivery that is not tried any more."""

    id: int
    event_id: int
    event_type: str
    subscriber: str
    tries: int
    last_error: str | None


@dataclass(frozen=True, slots=True)
class OutboxStatus:
    """How many events and deliveries are in each state."""

    undistributed: int
    waiting: int
    being_handled: int
    done: int
    parked: int
    overdue: int
    """Those that have been due for a quarter of an hour, events and deliveries."""
    shown: list[ParkedDelivery]
    """The first hundred that are parked."""


@dataclass(frozen=True, slots=True)
class JobStatus:
    """The state of a job on the schedule."""

    name: str
    rule: str
    last_started_at: datetime | None
    last_finished_at: datetime | None
    next_due_at: datetime
    is_running: bool
    is_overdue: bool
    is_failing: bool
    last_result: str | None
    last_error: str | None
    runs: int
    failures: int


def is_work_due(
    connection: sa.Connection, subscribers: Collection[str], jobs: Collection[str]
) -> bool:
    """Say whether a worker with these subscribers and jobs has work to do now."""
    now = clock.now()
    undistributed = sa.select(OutboxEvent.id).where(OutboxEvent.distributed_at.is_(None))
    waiting = sa.select(OutboxDelivery.id).where(
        is_in(DeliveryState.WAITING),
        OutboxDelivery.next_try_at <= now,
        OutboxDelivery.subscriber.in_(subscribers),
    )
    due = sa.select(ScheduledJob.name).where(
        ScheduledJob.name.in_(jobs),
        ScheduledJob.next_due_at <= now,
        ScheduledJob.claimed_until.is_(None) | (ScheduledJob.claimed_until <= now),
    )
    question = sa.select(sa.or_(undistributed.exists(), waiting.exists(), due.exists()))
    return bool(connection.scalar(question))


def outbox_status(session: Session) -> OutboxStatus:
    """Count the events and deliveries, and list what is parked."""
    late = clock.now() - OVERDUE_AFTER
    state, tries_at = OutboxDelivery.state, OutboxDelivery.next_try_at
    waiting = state == DeliveryState.WAITING
    claimed = OutboxDelivery.claim_token.is_not(None)
    counts = session.execute(
        sa.select(
            sa.func.count().filter(waiting, ~claimed),
            sa.func.count().filter(waiting, claimed),
            sa.func.count().filter(state == DeliveryState.DONE),
            sa.func.count().filter(state == DeliveryState.PARKED),
            sa.func.count().filter(waiting, tries_at < late),
        ).select_from(OutboxDelivery)
    ).one()
    undistributed = session.execute(
        sa.select(sa.func.count(), sa.func.count().filter(OutboxEvent.occurred_at < late)).where(
            OutboxEvent.distributed_at.is_(None)
        )
    ).one()
    parked = session.execute(
        sa.select(
            OutboxDelivery.id,
            OutboxEvent.id,
            OutboxEvent.type,
            OutboxDelivery.subscriber,
            OutboxDelivery.tries,
            OutboxDelivery.last_error,
        )
        .join(OutboxEvent, OutboxEvent.id == OutboxDelivery.event_id)
        .where(is_in(DeliveryState.PARKED))
        .order_by(OutboxDelivery.id)
        .limit(SHOWN_AT_MOST)
    )
    return OutboxStatus(
        undistributed=undistributed[0],
        waiting=counts[0],
        being_handled=counts[1],
        done=counts[2],
        parked=counts[3],
        overdue=counts[4] + undistributed[1],
        shown=[ParkedDelivery(*row) for row in parked],
    )


def job_statuses(session: Session, names: Collection[str]) -> list[JobStatus]:
    """Return the jobs called ``names`` that a worker has ever seen."""
    now = clock.now()
    rows = session.scalars(
        sa.select(ScheduledJob).where(ScheduledJob.name.in_(names)).order_by(ScheduledJob.name)
    )
    statuses = []
    for row in rows:
        is_running = row.claimed_until is not None and row.claimed_until > now
        statuses.append(
            JobStatus(
                name=row.name,
                rule=row.rule,
                last_started_at=row.last_started_at,
                last_finished_at=row.last_finished_at,
                next_due_at=row.next_due_at,
                is_running=is_running,
                is_overdue=not is_running and row.next_due_at < now - OVERDUE_AFTER,
                is_failing=row.failures >= FAILING_AFTER,
                last_result=row.last_result,
                last_error=row.last_error,
                runs=row.runs,
                failures=row.failures,
            )
        )
    return statuses
