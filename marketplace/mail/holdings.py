"""What mail holds on people, and for how long."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from marketplace.mail.models import Email, EmailState, FailingAddress
from marketplace.privacy import periods
from marketplace.privacy.holdings import Column, Delete, Holding, get_holdings
from marketplace.privacy.retention import Rule, get_retention


class DeleteWithAddresses(Delete):
    """The e-mails go when the person is erased, and what is known of their addresses."""

    def erase(self, session: Session, column: Column, person_id: int) -> int:
        """Delete the e-mails of the person; return how many."""
        addresses = sa.select(Email.to_address).where(column == person_id)
        _count(session, sa.delete(FailingAddress).where(FailingAddress.address.in_(addresses)))
        return super().erase(session, column, person_id)


def init_app(app: Flask) -> None:
    """Register what mail holds on people, and for how long."""
    get_holdings(app).add(
        Holding(
            "e-mails",
            about="each e-mail to you: its subject, when it was sent and what became of it; its"
            " text for a month",
            column=Email.person_id,
            shown=(
                Email.created_at,
                Email.to_address,
                Email.subject,
                Email.state,
                Email.sent_at,
                Email.last_error,
            ),
            on_erasure=DeleteWithAddresses(),
        )
    )
    get_retention(app).add(
        Rule(
            "texts of e-mails",
            what="The texts of e-mails, after they were sent",
            days=periods.TEXTS_OF_EMAILS,
            why="The operator can see what a person was told, if it did not arrive.",
            purge=delete_texts,
        ),
        Rule(
            "e-mails",
            what="The log of e-mails, after they were written",
            days=periods.EMAILS,
            why="It shows whether you were told of what needed you.",
            purge=delete_emails,
        ),
        Rule(
            "addresses that fail",
            what="That an address takes no e-mail, after one to it has failed",
            days=periods.EMAILS,
            why="Nothing more is sent to it in that time.",
            purge=delete_failing_addresses,
        ),
    )


def delete_texts(session: Session, before: datetime) -> int:
    """Delete the texts of the e-mails that were sent before ``before``; return how many."""
    return _count(
        session,
        sa.update(Email)
        .where(
            Email.text.is_not(None),
            Email.state != EmailState.WAITING,
            sa.func.coalesce(Email.sent_at, Email.created_at) < before,
        )
        .values(text=None, html=None),
    )


def delete_emails(session: Session, before: datetime) -> int:
    """Delete the e-mails from before ``before`` that do not wait; return how many."""
    return _count(
        session,
        sa.delete(Email).where(Email.created_at < before, Email.state != EmailState.WAITING),
    )


def delete_failing_addresses(session: Session, before: datetime) -> int:
    """Delete the marks of addresses that last failed before ``before``; return how many."""
    return _count(session, sa.delete(FailingAddress).where(FailingAddress.failed_at < before))


def _count(session: Session, statement: sa.Update | sa.Delete) -> int:
    result = session.execute(statement, execution_options={"synchronize_session": False})
    assert isinstance(result, sa.CursorResult)
    return result.rowcount
