"""How often the help of one offer was given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.conversations.models import Enquiry
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.queries import minutes_of_help
from marketplace.listings.models import Listing


@dataclass(frozen=True, slots=True)
class TimesGiven:
    """How many exchanges of an offer are confirmed, and the day of the latest."""

    count: int
    last_on: date | None


def times_given(session: Session, listing: Listing) -> TimesGiven:
    """Return how often an offer was given; what was put right to nothing does not count."""
    count, last_on = session.execute(
        sa.select(
            sa.func.count(Exchange.id),
            sa.func.max(sa.func.coalesce(Exchange.delivered_on, Exchange.on_date)),
        )
        .join(Enquiry, Enquiry.id == Exchange.enquiry_id)
        .where(
            Enquiry.listing_id == listing.id,
            Exchange.provider_urn == listing.school_urn,
            Exchange.state == State.CONFIRMED,
            minutes_of_help() > 0,
        )
    ).one()
    return TimesGiven(count, last_on)
