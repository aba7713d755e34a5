"""The demo's offers on the public web: one on each of the topics of the front page."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.audiences.audience import Reach
from marketplace.audit.dashboard.front_page import TOPICS_SHOWN
from marketplace.listings.models import Kind, Listing, ListingStatus, ListingTopic
from marketplace.listings.queries import count_open_by_topic


def show_publicly(session: Session) -> None:
    """Let everybody see, on each frequent topic, the newest offer that is for every school."""
    offers = session.execute(
        sa.select(ListingTopic.topic, Listing.id)
        .join(Listing, Listing.id == ListingTopic.listing_id)
        .where(
            Listing.kind == Kind.OFFER,
            Listing.status == ListingStatus.OPEN,
            Listing.audience == Reach.NATIONAL,
            Listing.audience_only == 0,
        )
        .order_by(Listing.id.desc())
    ).all()
    newest = {offer.topic: offer.id for offer in reversed(offers)}
    shown = {newest.get(topic) for topic, _ in count_open_by_topic(session, TOPICS_SHOWN)}
    session.execute(sa.update(Listing).where(Listing.id.in_(shown - {None})).values(public=True))
