"""The demo's offers on the public web: one on each of the topics of the front page."""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.audiences.audience import Reach
from marketplace.audit.dashboard.front_page import TOPICS_SHOWN
from marketplace.listings.models import Kind, Listing, ListingStatus, ListingTopic


def show_publicly(session: Session) -> None:
    """Let a school for each frequent topic show its newest offer for every school to everybody."""
    offers = session.execute(
        sa.select(ListingTopic.topic, Listing.id, Listing.school_urn)
        .join(Listing, Listing.id == ListingTopic.listing_id)
        .where(
            Listing.kind == Kind.OFFER,
            Listing.status == ListingStatus.OPEN,
            Listing.audience == Reach.NATIONAL,
            Listing.audience_only == 0,
        )
        .order_by(Listing.id.desc())
    ).all()
    shown: dict[int, int] = {}
    for topic, _ in Counter(offer.topic for offer in offers).most_common(TOPICS_SHOWN):
        for offer in offers:
            if offer.topic == topic and offer.school_urn not in shown:
                shown[offer.school_urn] = offer.id
                break
    session.execute(sa.update(Listing).where(Listing.id.in_(shown.values())).values(public=True))
