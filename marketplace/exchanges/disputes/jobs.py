"""The deadlines of disputes: reminders before, and what happens when they pass."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.clock import LONDON
from marketplace.exchanges.disputes import events
from marketplace.exchanges.disputes.models import Dispute
from marketplace.exchanges.models import Exchange
from marketplace.outbox.events import Event
from marketplace.outbox.schedule import JobRun
from marketplace.outbox.service import record

REMINDED_DAYS = 2
"""How many days before its time is over the other school is reminded to answer."""


def pass_deadlines_job(run: JobRun) -> str:
    """Remind, and tell of every deadline that has passed."""
    return f"{pass_deadlines(run.session):,} deadlines of disputes were told."


def pass_deadlines(session: Session) -> int:
    """Record an event for each deadline that is near or has passed, each once; count them."""
    now, number = clock.now(), 0
    for dispute, exchange in session.execute(
        sa.select(Dispute, Exchange)
        .join(Exchange, Exchange.id == Dispute.exchange_id)
        .where(Dispute.ended_at.is_(None), _is_near(now))
        .order_by(Exchange.id)
        # A step of the schools is not overtaken; what is locked now is due at the next run.
        .with_for_update(of=[Exchange, Dispute], key_share=True, skip_locked=True)
        .execution_options(populate_existing=True)
    ).all():
        for event in _due(dispute, exchange, now):
            record(session, event)
            number += 1
    session.flush()
    return number


def _is_near(now: datetime) -> sa.ColumnElement[bool]:
    """The condition that something is to be told about a dispute."""
    unanswered = Dispute.answered_at.is_(None)
    return sa.or_(
        sa.and_(
            unanswered,
            Dispute.reminded_at.is_(None),
            Dispute.unanswered_at.is_(None),
            Dispute.answer_due_at <= now + timedelta(days=REMINDED_DAYS),
        ),
        sa.and_(unanswered, Dispute.unanswered_at.is_(None), Dispute.answer_due_at <= now),
        sa.and_(Dispute.overdue_at.is_(None), Dispute.ruling_due_at <= now),
    )


def _due(dispute: Dispute, exchange: Exchange, now: datetime) -> Iterator[Event]:
    """Yield what is to be told now, and note in the dispute that it was."""
    common: dict[str, Any] = {
        "actor_id": None,
        "school_urns": (exchange.provider_urn, exchange.receiver_urn),
        "occurred_at": now,
        "dispute_id": dispute.id,
    }
    if dispute.answered_at is None and dispute.unanswered_at is None:
        if dispute.answer_due_at <= now:
            dispute.unanswered_at = now
            # A figure that the other side has to look at still waits for it.
            if dispute.offer_urn is None:
                exchange.awaiting_urn = None
            yield events.DisputeUnanswered(**common)
        elif dispute.reminded_at is None:
            dispute.reminded_at = now
            left = dispute.answer_due_at.astimezone(LONDON).date() - now.astimezone(LONDON).date()
            yield events.DisputeAnswerDue(**common, days=max(left.days, 1))
    if dispute.overdue_at is None and dispute.ruling_due_at <= now:
        dispute.overdue_at = now
        yield events.DisputeOverdue(**common)
