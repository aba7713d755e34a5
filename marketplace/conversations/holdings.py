"""What conversations hold on people, and for how long."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from marketplace.conversations.models import Enquiry, Message
from marketplace.privacy import periods
from marketplace.privacy.holdings import Holding, Keep, get_holdings
from marketplace.privacy.retention import Rule, get_retention


def init_app(app: Flask) -> None:
    """Register them."""
    get_holdings(app).add(
        Holding(
            "messages",
            about="the messages you wrote to other schools",
            column=Message.author_id,
            shown=(Message.created_at, Message.school_urn, Message.enquiry_id, Message.body),
            on_erasure=Keep("Messages are the two schools’ record of what they arranged."),
        )
    )
    get_retention(app).add(
        Rule(
            "messages",
            what="Messages between schools, after they were written",
            days=periods.TEXTS_OF_EXCHANGES,
            why="They show what was arranged; schools keep the evidence for their accounts for six"
            " years.",
            purge=delete_messages,
        )
    )


def delete_messages(session: Session, before: datetime) -> int:
    """Delete the messages written before ``before``; return how many.

    A conversation without any of them left waits for nobody.
    """
    session.execute(
        sa.update(Enquiry)
        .where(Enquiry.last_at < before, Enquiry.awaiting_urn.is_not(None))
        .values(awaiting_urn=None),
        execution_options={"synchronize_session": False},
    )
    deleted = session.execute(
        sa.delete(Message).where(Message.created_at < before),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(deleted, sa.CursorResult)
    return deleted.rowcount
