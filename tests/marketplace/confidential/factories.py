"""Made-up confidential requests, and schools that are asked about them."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.accounts.actor import Actor
from marketplace.audiences.audience import Audience, Reach
from marketplace.confidential.matching import ask_schools
from marketplace.confidential.models import ConfidentialAsk
from marketplace.confidential.service import promise_help
from marketplace.database import db
from marketplace.listings.models import Listing
from marketplace.listings.service import withdraw_listing
from tests.marketplace.listings.factories import posted

TOPIC = "catering"
"""On which no other test has an offer, so that nobody else is asked."""


def needed(acting: Actor, *, miles: int = 10, **changes: object) -> Listing:
    """A confidential request of the school acted for; nobody has been asked yet."""
    audience = Audience(Reach.CONFIDENTIAL, miles=miles)
    return posted(acting, **{"kind": "request", "topics": (TOPIC,), "audience": audience} | changes)


def asked(acting: Actor, helper: Actor) -> ConfidentialAsk:
    """The school of ``helper`` has been asked whether it would help that of ``acting``."""
    session = db.session()
    offer = posted(helper, topics=(TOPIC,))
    listing = needed(acting)
    assert ask_schools(session, listing.id) == 1
    ask = session.scalars(
        sa.select(ConfidentialAsk).where(ConfidentialAsk.listing_id == listing.id)
    ).one()
    assert ask.school_urn == helper.urn
    withdraw_listing(session, helper, offer)
    return ask


def promised(acting: Actor, helper: Actor) -> ConfidentialAsk:
    """The school of ``helper`` would help that of ``acting``."""
    return promise_help(db.session(), helper, asked(acting, helper).id)
