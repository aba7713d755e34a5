"""What exchanges hold on people, and for how long."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from marketplace.exchanges.corrections import holdings as corrections
from marketplace.exchanges.corrections.models import Correction
from marketplace.exchanges.frozen import holdings as frozen
from marketplace.exchanges.models import OPEN_STATES, Exchange, ExchangeEvent
from marketplace.exchanges.same_person import holdings as same_person
from marketplace.exchanges.within_trust import holdings as within_trust
from marketplace.privacy import periods
from marketplace.privacy.holdings import Holding, Keep, get_holdings
from marketplace.privacy.retention import Rule, get_retention

REMOVED = "This text has been removed: it was more than six years old."


def init_app(app: Flask) -> None:
    """Register them."""
    get_holdings(app).add(
        Holding(
            "steps of exchanges",
            about="the steps you took in exchanges (proposed, agreed, confirmed and so on), and"
            " what you wrote with them",
            column=ExchangeEvent.person_id,
            shown=(
                ExchangeEvent.at,
                ExchangeEvent.school_urn,
                ExchangeEvent.exchange_id,
                ExchangeEvent.step,
                ExchangeEvent.text,
            ),
            on_erasure=Keep("The history says which school agreed to what, and when."),
        )
    )
    get_retention(app).add(
        Rule(
            "texts of exchanges",
            what="What was written about an exchange, after its last step",
            days=periods.TEXTS_OF_EXCHANGES,
            why="It is the evidence for an entry in the accounts. The entry itself stays: dates,"
            " schools and credits, no names.",
            purge=remove_texts,
        )
    )
    corrections.init_app(app)
    same_person.init_app(app)
    within_trust.init_app(app)
    frozen.init_app(app)


def remove_texts(session: Session, before: datetime) -> int:
    """Remove what was written about exchanges that ended before ``before``; return how many."""
    ended = sa.and_(Exchange.updated_at < before, Exchange.state.not_in(OPEN_STATES))
    removed = session.execute(
        sa.update(Exchange).where(ended, Exchange.details != REMOVED).values(details=REMOVED),
        execution_options={"synchronize_session": False},
    )
    session.execute(
        sa.update(ExchangeEvent)
        .where(
            ExchangeEvent.exchange_id.in_(sa.select(Exchange.id).where(ended)),
            ExchangeEvent.text != "",
        )
        .values(text=""),
        execution_options={"synchronize_session": False},
    )
    session.execute(
        sa.update(Correction)
        .where(
            Correction.exchange_id.in_(sa.select(Exchange.id).where(ended)),
            Correction.reason != REMOVED,
        )
        .values(reason=REMOVED, answer=""),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(removed, sa.CursorResult)
    return removed.rowcount
