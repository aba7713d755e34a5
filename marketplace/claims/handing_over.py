"""What becomes of the open claims for a school that another one succeeds."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.claims import emails
from marketplace.claims.events import ClaimOvertaken
from marketplace.claims.models import Claim, ClaimState
from marketplace.claims.queries import has_administrator
from marketplace.network.events import SchoolSucceeded
from marketplace.network.models import Succession
from marketplace.outbox.service import record
from marketplace.schools.models import School


def hand_over_claims(session: Session, event: SchoolSucceeded) -> None:
    """Let the open claims for a school be for its successor; it runs in the worker's transaction.

    If the successor has an administrator, those that wait are answered: the person is told whom to
    ask. One whose address is not confirmed yet is answered when its link is opened.
    """
    succession = session.get(Succession, event.succession_id)
    if succession is None or succession.to_urn is None:
        return
    claims = session.scalars(
        sa.select(Claim)
        .where(
            Claim.school_urn == succession.from_urn,
            Claim.state.in_((ClaimState.SENT, ClaimState.WAITING)),
        )
        .order_by(Claim.id)
        .with_for_update()
    ).all()
    if not claims:
        return
    successor = session.get_one(School, succession.to_urn)
    is_answered = has_administrator(session, successor)
    for claim in claims:
        claim.school_urn = successor.urn
        if is_answered and claim.state == ClaimState.WAITING:
            claim.state, claim.decided_at = ClaimState.OVERTAKEN, clock.now()
            session.flush()
            emails.send_overtaken(session, claim, successor)
            record(
                session,
                ClaimOvertaken(actor_id=None, school_urns=(successor.urn,), claim_id=claim.id),
            )
    session.flush()
