"""What becomes of what a school was asked in confidence, when another one carries on for it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from marketplace.confidential.models import ConfidentialAsk
from marketplace.listings.models import Listing
from marketplace.network.events import SchoolSucceeded
from marketplace.network.models import Succession


def hand_over_asks(session: Session, event: SchoolSucceeded) -> None:
    """Let the asks to a school be for its successor; it runs in the worker's transaction.

    What the successor was asked as well, or asks itself, stays where it is.
    """
    succession = session.get(Succession, event.succession_id)
    if succession is None or succession.to_urn is None:
        return
    other = aliased(ConfidentialAsk)
    already = sa.select(other.listing_id).where(other.school_urn == succession.to_urn)
    own = sa.select(Listing.id).where(Listing.school_urn == succession.to_urn)
    session.execute(
        sa.update(ConfidentialAsk)
        .where(
            ConfidentialAsk.school_urn == succession.from_urn,
            ConfidentialAsk.listing_id.not_in(already),
            ConfidentialAsk.listing_id.not_in(own),
        )
        .values(school_urn=succession.to_urn),
        execution_options={"synchronize_session": False},
    )
