"""The offers of a school on what its colleagues are good at: the way to a conversation."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.accounts.actor import Actor
from marketplace.audiences.queries import visible_to
from marketplace.listings.models import Kind, Listing, ListingStatus, ListingTopic
from marketplace.schools.models import School

SHOWN = 5


def offers_on(session: Session, actor: Actor, urn: int, topics: Collection[str]) -> list[Listing]:
    """Return the newest open offers of a school on ``topics`` that the actor may see."""
    on_topic = sa.exists().where(
        ListingTopic.listing_id == Listing.id, ListingTopic.topic.in_(topics)
    )
    return list(
        session.scalars(
            sa.select(Listing)
            .join(School, School.urn == Listing.school_urn)
            .where(
                Listing.school_urn == urn,
                Listing.status == ListingStatus.OPEN,
                Listing.kind == Kind.OFFER,
                on_topic,
                visible_to(actor, Listing),
            )
            .order_by(Listing.id.desc())
            .limit(SHOWN)
        )
    )
