"""Recording an event, and the life of its deliveries. Nothing here commits."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.outbox.events import Event
from marketplace.outbox.models import DeliveryState, OutboxDelivery, OutboxEvent, is_in
from marketplace.outbox.retrying import ClaimLost, RetryPolicy, describe
from marketplace.outbox.subscribers import Subscribers

DISTRIBUTED_AT_ONCE = 100
WORKER_DIED = "The worker ended before the handler did, at every try."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this worker has until its lease ends."""

    delivery_id: int
    subscriber: str
    tries: int
    token: str
    event_id: int
    event_type: str
    data: dict[str, Any]
    actor_id: int | None
    school_urns: list[int]
    occurred_at: datetime

    def event(self, kind: type[Event]) -> Event:
        """Return the event as it was recorded."""
        return kind.restore(
            self.data,
            id=self.event_id,
            actor_id=self.actor_id,
            school_urns=tuple(self.school_urns),
            occurred_at=self.occurred_at,
        )


def record(session: Session, event: Event) -> OutboxEvent:
    """Add ``event`` to the caller's transaction; the subscribers hear of it once it commits.

    Raises:
        TypeError: a field of the event holds something other than ids.
    """
    row = OutboxEvent(
        type=event.type,
        data=event.data(),
        actor_id=event.actor_id,
        school_urns=list(event.school_urns),
        occurred_at=event.occurred_at,
    )
    session.add(row)
    return row


def distribute(session: Session, subscribers: Subscribers) -> int:
    """Make a delivery for every subscriber of the events that have none yet; count the events.

    It is the worker that does this, so that a process which only records needs no list of
    subscribers.
    """
    events = session.scalars(
        sa.select(OutboxEvent)
        .where(OutboxEvent.distributed_at.is_(None))
        .order_by(OutboxEvent.id)
        .limit(DISTRIBUTED_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    now = clock.now()
    for event in events:
        event.distributed_at = now
        session.add_all(
            OutboxDelivery(event_id=event.id, subscriber=name, next_try_at=now)
            for name in subscribers.names_for(event.type)
        )
    session.flush()
    return len(events)


def claim(
    session: Session,
    names: Collection[str],
    policy: RetryPolicy,
    on_parked: Callable[[Session, Claim], None] | None = None,
) -> Claim | None:
    """Take the delivery to one of the subscribers ``names`` that has been due for longest.

    The try is counted now, so that a handler which ends the whole process reaches its last try,
    too; its delivery is parked here, and ``on_parked`` is called. None if nothing is due.
    """
    while True:
        now = clock.now()
        row = session.execute(
            sa.select(OutboxDelivery, OutboxEvent)
            .join(OutboxEvent, OutboxEvent.id == OutboxDelivery.event_id)
            .where(
                is_in(DeliveryState.WAITING),
                OutboxDelivery.next_try_at <= now,
                OutboxDelivery.subscriber.in_(names),
            )
            .order_by(OutboxDelivery.next_try_at, OutboxDelivery.id)
            .limit(1)
            .with_for_update(of=OutboxDelivery, skip_locked=True)
        ).one_or_none()
        if row is None:
            return None
        delivery, event = row
        if delivery.tries >= policy.max_tries:
            if on_parked is not None:
                on_parked(session, claim_of(delivery, event, ""))
            _park(delivery, event, WORKER_DIED)
            session.flush()
            continue
        delivery.tries += 1
        delivery.claim_token = uuid4().hex
        delivery.next_try_at = now + policy.lease
        session.flush()
        return claim_of(delivery, event, delivery.claim_token)


def finish(session: Session, claim: Claim) -> None:
    """Mark a delivery done, in the same transaction as what its handler did.

    Raises:
        ClaimLost: another worker has it now; the caller must roll back.
    """
    _update_claimed(session, claim, state=DeliveryState.DONE, done_at=clock.now(), last_error=None)


def fail(session: Session, claim: Claim, error: Exception, policy: RetryPolicy) -> bool:
    """Note that a try failed; True if it was the last one and the delivery is parked.

    Raises:
        ClaimLost: another worker has it now, or the delivery was done after all.
    """
    parked = claim.tries >= policy.max_tries
    values: dict[str, Any] = {"last_error": describe(error)}
    if parked:
        values["state"] = DeliveryState.PARKED
    else:
        values["next_try_at"] = clock.now() + policy.wait(claim.tries)
    _update_claimed(session, claim, **values)
    return parked


def retry_parked(session: Session, delivery_id: int | None = None) -> int:
    """Let one parked delivery, or all of them, be tried again from the beginning; count them."""
    statement = sa.update(OutboxDelivery).where(is_in(DeliveryState.PARKED))
    if delivery_id is not None:
        statement = statement.where(OutboxDelivery.id == delivery_id)
    return count_changed(
        session,
        statement.values(state=DeliveryState.WAITING, tries=0, next_try_at=clock.now()),
    )


def prune(session: Session, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` events that happened before ``before`` and are done with.

    An event stays while a delivery of it is waiting or parked, or was done after ``before``.
    """
    still_needed = (
        sa.select(OutboxDelivery.id)
        .where(OutboxDelivery.event_id == OutboxEvent.id)
        .where(OutboxDelivery.done_at.is_(None) | (OutboxDelivery.done_at >= before))
        .exists()
    )
    old = (
        sa.select(OutboxEvent.id)
        .where(OutboxEvent.occurred_at < before, OutboxEvent.distributed_at < before)
        .where(~still_needed)
        .limit(limit)
    )
    return count_changed(session, sa.delete(OutboxEvent).where(OutboxEvent.id.in_(old)))


def claim_of(delivery: OutboxDelivery, event: OutboxEvent, token: str) -> Claim:
    """Return the claim of a delivery under ``token``."""
    return Claim(
        delivery_id=delivery.id,
        subscriber=delivery.subscriber,
        tries=delivery.tries,
        token=token,
        event_id=event.id,
        event_type=event.type,
        data=event.data,
        actor_id=event.actor_id,
        school_urns=event.school_urns,
        occurred_at=event.occurred_at,
    )


def _park(delivery: OutboxDelivery, event: OutboxEvent, reason: str) -> None:
    delivery.state = DeliveryState.PARKED
    delivery.claim_token = None
    delivery.last_error = reason
    log.error(
        "Parked: delivery %s of event %s (%s) to %s. %s",
        delivery.id,
        event.id,
        event.type,
        delivery.subscriber,
        reason,
    )


def _update_claimed(session: Session, claim: Claim, **values: Any) -> None:
    updated = count_changed(
        session,
        sa.update(OutboxDelivery)
        .where(
            OutboxDelivery.id == claim.delivery_id,
            OutboxDelivery.claim_token == claim.token,
        )
        .values(claim_token=None, **values),
    )
    if updated != 1:
        raise ClaimLost


def count_changed(session: Session, statement: sa.Update | sa.Delete) -> int:
    """Do it, and return how many rows it was done to."""
    result = session.execute(statement, execution_options={"synchronize_session": False})
    assert isinstance(result, sa.CursorResult)
    return result.rowcount
