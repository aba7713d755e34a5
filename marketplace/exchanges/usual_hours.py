"""The usual hours by topic: what agreed exchanges were for, and where these are few, listings."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.audiences.audience import OWN_STAFF_ONLY
from marketplace.conversations.models import Enquiry
from marketplace.exchanges.models import Exchange, State
from marketplace.listings.models import Listing, ListingStatus, ListingTopic
from marketplace.listings.tariff.models import Source
from marketplace.listings.tariff.service import Counted, keep_usual_hours
from marketplace.outbox.schedule import JobRun

COUNTED_STATES = (State.AGREED, State.DELIVERED, State.CONFIRMED)
COUNTED_FOR = timedelta(days=2 * 365)
LEAST_AGREED, LEAST_LISTED = 5, 3
"""With fewer than these, what one school asks would be told as usual."""


def usual_hours_job(run: JobRun) -> str:
    """Keep the usual hours of every topic."""
    return f"The usual hours of {count_usual_hours(run.session):,} topics were kept."


def count_usual_hours(session: Session) -> int:
    """Count what exchanges and listings on each topic are for, and keep it; return of how many."""
    return keep_usual_hours(
        session,
        [
            (Source.AGREED, LEAST_AGREED, _agreed(session)),
            (Source.LISTED, LEAST_LISTED, _listed(session)),
        ],
    )


def _agreed(session: Session) -> Counted:
    rows = session.execute(
        sa.select(ListingTopic.topic, Exchange.minutes, sa.func.count())
        .join(Enquiry, Enquiry.id == Exchange.enquiry_id)
        .join(ListingTopic, ListingTopic.listing_id == Enquiry.listing_id)
        .where(
            Exchange.state.in_(COUNTED_STATES),
            Exchange.created_at > clock.now() - COUNTED_FOR,
        )
        .group_by(ListingTopic.topic, Exchange.minutes)
    )
    return _by_topic(rows)


def _listed(session: Session) -> Counted:
    rows = session.execute(
        sa.select(ListingTopic.topic, Listing.minutes, sa.func.count())
        .join(Listing, Listing.id == ListingTopic.listing_id)
        # What a school keeps to itself is told to nobody, not even as a part of a figure.
        .where(Listing.status == ListingStatus.OPEN, Listing.audience.not_in(OWN_STAFF_ONLY))
        .group_by(ListingTopic.topic, Listing.minutes)
    )
    return _by_topic(rows)


def _by_topic(rows: sa.Result[str, int, int]) -> Counted:
    counted: dict[str, dict[int, int]] = defaultdict(dict)
    for topic, minutes, number in rows:
        counted[topic][minutes] = number
    return counted
