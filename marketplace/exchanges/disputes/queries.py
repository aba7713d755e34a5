"""Reading disputes: that of an exchange, the operator's queue, what waits for a school."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.exchanges.disputes.models import Dispute
from marketplace.exchanges.models import Exchange, ExchangeEvent
from marketplace.exchanges.states import Step


def open_dispute_of(session: Session, exchange: Exchange) -> Dispute | None:
    """Return the dispute over the exchange that has not ended, as it is now."""
    return session.scalar(
        sa.select(Dispute)
        .where(Dispute.exchange_id == exchange.id, Dispute.ended_at.is_(None))
        .execution_options(populate_existing=True)
    )


def latest_dispute(session: Session, exchange: Exchange) -> Dispute:
    """Return the last dispute over an exchange that has one.

    Raises:
        NoResultFound: there is none.
    """
    return session.scalars(_of(exchange)).one()


def find_dispute_of(session: Session, exchange: Exchange) -> Dispute | None:
    """Return the last dispute over the exchange, open or not, with who ruled; None without one."""
    query = _of(exchange).options(joinedload(Dispute.ruled_by), joinedload(Dispute.approved_by))
    return session.scalar(query)


def dispute_in(
    session: Session, exchange: Exchange, history: list[ExchangeEvent]
) -> Dispute | None:
    """Return the last dispute over the exchange, if its history says that there was one."""
    if not any(event.step == Step.DISPUTE for event in history):
        return None
    return find_dispute_of(session, exchange)


def _of(exchange: Exchange) -> sa.Select[Dispute]:
    return (
        sa.select(Dispute)
        .where(Dispute.exchange_id == exchange.id)
        .order_by(Dispute.id.desc())
        .limit(1)
    )
