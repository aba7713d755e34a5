"""What fits the requests of the demo's schools: recorded as when they were posted."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.listings.events import ListingPosted
from marketplace.listings.models import Kind, Listing, ListingStatus
from marketplace.matching.telling import on_posted
from marketplace.schools.models import School


def make_matches(session: Session, main: Sequence[School]) -> None:
    """Find what fits the open requests of the schools that one can act for, and tell of it."""
    requests = session.scalars(
        sa.select(Listing)
        .where(
            Listing.school_urn.in_([school.urn for school in main]),
            Listing.kind == Kind.REQUEST,
            Listing.status == ListingStatus.OPEN,
        )
        .order_by(Listing.id)
    )
    for listing in requests.all():
        on_posted(
            session,
            ListingPosted(
                actor_id=listing.author_id, school_urns=(listing.school_urn,), listing_id=listing.id
            ),
        )
