"""What disputes hold on people, and for how long."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from marketplace.exchanges.disputes.models import Dispute
from marketplace.privacy import periods
from marketplace.privacy.holdings import Holding, Keep, get_holdings
from marketplace.privacy.retention import Rule, get_retention

_KEPT = Keep("It says who of a school or of the network decided what about credits, and when.")


def init_app(app: Flask) -> None:
    """Register them."""
    get_holdings(app).add(
        Holding(
            "disputes opened",
            about="the disputes over exchanges that you opened",
            column=Dispute.opened_by_id,
            shown=(Dispute.opened_at, Dispute.exchange_id, Dispute.claimed_minutes),
            on_erasure=_KEPT,
        ),
        Holding(
            "rulings",
            about="the rulings on disputes that you gave for the network",
            column=Dispute.ruled_by_id,
            shown=(Dispute.ruled_at, Dispute.exchange_id, Dispute.ruling, Dispute.reasons),
            on_erasure=_KEPT,
        ),
    )
    get_retention(app).add(
        Rule(
            "reasons of rulings",
            what="The reasons of rulings on disputes, after the dispute ended",
            days=periods.TEXTS_OF_EXCHANGES,
            why="They are the evidence for an entry in the accounts. The entry itself stays.",
            purge=remove_reasons,
        )
    )


def remove_reasons(session: Session, before: datetime) -> int:
    """Remove the reasons of rulings on disputes that ended before ``before``; return how many."""
    removed = session.execute(
        sa.update(Dispute)
        .where(Dispute.ended_at < before, Dispute.reasons != "")
        .values(reasons=""),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(removed, sa.CursorResult)
    return removed.rowcount
