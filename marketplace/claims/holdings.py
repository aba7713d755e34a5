"""What claims hold on people, and for how long."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from marketplace.claims.models import Claim, ClaimState
from marketplace.privacy import periods
from marketplace.privacy.holdings import Delete, Holding, Keep, get_holdings
from marketplace.privacy.retention import Rule, get_retention

KEPT = (ClaimState.WAITING, ClaimState.ACCEPTED)
"""Claims to be decided wait; one that was approved says who brought the school in."""


def init_app(app: Flask) -> None:
    """Register them."""
    get_holdings(app).add(
        Holding(
            "claims",
            about="the schools that you have claimed",
            column=Claim.person_id,
            shown=(
                Claim.created_at,
                Claim.school_urn,
                Claim.name,
                Claim.job,
                Claim.email,
                Claim.roles,
                Claim.network_address,
                Claim.confirmed_at,
            ),
            on_erasure=Delete(),
        ),
        Holding(
            "decisions on claims",
            about="the claims for schools that you have decided as the operator",
            column=Claim.decided_by_id,
            shown=(Claim.decided_at, Claim.school_urn, Claim.state),
            on_erasure=Keep("Why a school was let in is the network’s record."),
        ),
    )
    get_retention(app).add(
        Rule(
            "claims",
            what="Claims for a school that were not confirmed, refused, or overtaken by a"
            " colleague’s, and requests to be added to a school, after they were made",
            days=periods.EXPIRED_INVITATIONS,
            why="They are of use until the person has been answered.",
            purge=delete_claims,
        )
    )


def delete_claims(session: Session, before: datetime) -> int:
    """Delete the claims made before ``before`` that came to nothing; return how many."""
    deleted = session.execute(
        sa.delete(Claim).where(Claim.created_at < before, Claim.state.not_in(KEPT)),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(deleted, sa.CursorResult)
    return deleted.rowcount
