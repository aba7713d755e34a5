"""What invitations hold on people, and for how long."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from marketplace.members.models import Invitation
from marketplace.privacy import periods
from marketplace.privacy.holdings import Delete, Holding, Keep, get_holdings
from marketplace.privacy.retention import Rule, get_retention


def init_app(app: Flask) -> None:
    """Register them."""
    get_holdings(app).add(
        Holding(
            "invitations",
            about="the invitation with which you joined a school, for a month after",
            column=Invitation.accepted_by_id,
            shown=(
                Invitation.created_at,
                Invitation.school_urn,
                Invitation.name,
                Invitation.email,
                Invitation.roles,
                Invitation.accepted_at,
            ),
            on_erasure=Delete(),
        ),
        Holding(
            "invitations of others",
            about="which invitations you sent to colleagues",
            column=Invitation.invited_by_id,
            shown=(Invitation.created_at, Invitation.school_urn),
            on_erasure=Keep("The invitation is the school’s, and goes within weeks."),
        ),
    )
    get_retention(app).add(
        Rule(
            "invitations",
            what="Invitations to join a school, after they were accepted or ran out",
            days=periods.EXPIRED_INVITATIONS,
            why="The administrator can see what became of one.",
            purge=delete_invitations,
        )
    )


def delete_invitations(session: Session, before: datetime) -> int:
    """Delete the invitations whose links ran out before ``before``; return how many."""
    deleted = session.execute(
        sa.delete(Invitation).where(Invitation.expires_at < before),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(deleted, sa.CursorResult)
    return deleted.rowcount
