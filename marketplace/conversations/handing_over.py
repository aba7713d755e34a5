"""What becomes of a school's conversations when another school carries on for it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.conversations.models import Enquiry, Message


def hand_over_conversations(session: Session, old_urn: int, new_urn: int) -> dict[int, int]:
    """Let the school ``new_urn`` be the party that ``old_urn`` is in its conversations.

    Where both schools have asked about the same listing, the older school's messages go into the
    conversation of the new one: return which took in which, by number. The caller deletes what
    is empty then (the exchanges that came of it have to move first). A conversation of the two
    schools with each other stays as it is, and waits for nobody.
    """
    merged: dict[int, int] = {}
    enquiries = session.scalars(
        sa.select(Enquiry)
        .where(sa.or_(Enquiry.asking_urn == old_urn, Enquiry.owner_urn == old_urn))
        .order_by(Enquiry.id)
        .execution_options(populate_existing=True)
    ).all()
    for enquiry in enquiries:
        if enquiry.other_urn(old_urn) == new_urn:
            enquiry.awaiting_urn = None
            continue
        if enquiry.asking_urn == old_urn:
            own = _of(session, enquiry.listing_id, new_urn)
            if own is not None:
                merged[enquiry.id] = own.id
                _merge(session, enquiry, own, old_urn, new_urn)
                continue
        for column in ("asking_urn", "owner_urn", "awaiting_urn"):
            if getattr(enquiry, column) == old_urn:
                setattr(enquiry, column, new_urn)
    session.flush()
    return merged


def _of(session: Session, listing_id: int, asking_urn: int) -> Enquiry | None:
    return session.scalar(
        sa.select(Enquiry).where(Enquiry.listing_id == listing_id, Enquiry.asking_urn == asking_urn)
    )


def _merge(session: Session, enquiry: Enquiry, own: Enquiry, old_urn: int, new_urn: int) -> None:
    session.execute(
        sa.update(Message).where(Message.enquiry_id == enquiry.id).values(enquiry_id=own.id),
        execution_options={"synchronize_session": False},
    )
    if enquiry.last_at > own.last_at:
        own.last_at = enquiry.last_at
        awaiting = enquiry.awaiting_urn
        own.awaiting_urn = new_urn if awaiting == old_urn else awaiting
    own.created_at = min(own.created_at, enquiry.created_at)
