"""Several deliveries of one type to one subscriber, made in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.outbox.models import DeliveryState, OutboxDelivery, OutboxEvent, is_in
from marketplace.outbox.retrying import ClaimLost, RetryPolicy
from marketplace.outbox.service import Claim, claim_of, count_changed

MOST_MORE = 99
"""How many deliveries a worker takes at most besides the first, where it may take several."""


def claim_more(
    session: Session, first: Claim, policy: RetryPolicy, most: int = MOST_MORE
) -> list[Claim]:
    """Take up to ``most`` more deliveries like ``first``, to its subscriber and of its type.

    Only what has not been tried yet: what failed is tried by itself.
    """
    now = clock.now()
    rows = session.execute(
        sa.select(OutboxDelivery, OutboxEvent)
        .join(OutboxEvent, OutboxEvent.id == OutboxDelivery.event_id)
        .where(
            is_in(DeliveryState.WAITING),
            OutboxDelivery.next_try_at <= now,
            OutboxDelivery.subscriber == first.subscriber,
            OutboxDelivery.tries == 0,
            OutboxEvent.type == first.event_type,
        )
        .order_by(OutboxDelivery.next_try_at, OutboxDelivery.id)
        .limit(most)
        .with_for_update(of=OutboxDelivery, skip_locked=True)
    ).all()
    token, ids = uuid4().hex, [delivery.id for delivery, _event in rows]
    for delivery, _event in rows:
        session.expunge(delivery)
    session.execute(
        sa.update(OutboxDelivery)
        .where(OutboxDelivery.id.in_(ids))
        .values(tries=1, claim_token=token, next_try_at=now + policy.lease),
        execution_options={"synchronize_session": False},
    )
    return [replace(claim_of(delivery, event, token), tries=1) for delivery, event in rows]


def finish(session: Session, claims: Sequence[Claim]) -> None:
    """Mark several deliveries done, as ``service.finish`` does one.

    Raises:
        ClaimLost: another worker has one of them now; the caller must roll back.
    """
    updated = count_changed(
        session,
        sa.update(OutboxDelivery)
        .where(*_still_claimed(claims))
        .values(claim_token=None, state=DeliveryState.DONE, done_at=clock.now(), last_error=None),
    )
    if updated != len(claims):
        raise ClaimLost


def let_go(session: Session, claims: Sequence[Claim]) -> None:
    """Give back deliveries that failed together: each is due at once, by itself."""
    count_changed(
        session,
        sa.update(OutboxDelivery)
        .where(*_still_claimed(claims))
        .values(claim_token=None, next_try_at=clock.now()),
    )


def _still_claimed(claims: Sequence[Claim]) -> tuple[sa.ColumnElement[bool], ...]:
    """The conditions that no other worker has taken any of these deliveries."""
    return (
        OutboxDelivery.id.in_([claim.delivery_id for claim in claims]),
        OutboxDelivery.claim_token.in_({claim.token for claim in claims}),
    )
