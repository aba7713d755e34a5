"""How long listings last: they end on their day, are renewed by one press, and requests are met."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.clock import today
from marketplace.errors import NotFound, Refusal
from marketplace.listings.detail_models import ListingDetails, Met
from marketplace.listings.details import LONGEST_NAMES, row_of
from marketplace.listings.events import (
    ListingChanged,
    ListingExpired,
    ListingReopened,
    ListingWithdrawn,
)
from marketplace.listings.models import Kind, Listing, ListingStatus
from marketplace.outbox.schedule import JobRun
from marketplace.outbox.service import record

RENEWED_FOR = timedelta(days=180)
"""How much longer a renewed listing stays up: about two terms."""
REMINDED_BEFORE = timedelta(days=14)
"""How long before its day a school is reminded of a listing."""


def renew_listing(session: Session, actor: Actor, listing: Listing) -> Listing:
    """Let a listing stay up for another half year; one that has ended comes up again.

    Raises:
        NotFound: if it is not this school's.
        NotAllowed: without the role.
        Refusal: if it stands until it is withdrawn, or was hidden or withdrawn before its day.
    """
    _require_own(listing, actor)
    row = session.get(ListingDetails, listing.id)
    if row is None or row.expires_on is None:
        raise Refusal("It stands until you withdraw it, so there is nothing to renew.")
    has_ended = row.expires_on < today()
    if listing.status != ListingStatus.OPEN and not (
        has_ended and listing.status == ListingStatus.WITHDRAWN
    ):
        raise Refusal("It is not up. Put it up again first.")
    row.expires_on = today() + RENEWED_FOR
    reopened = listing.status != ListingStatus.OPEN
    listing.status = ListingStatus.OPEN
    _touch(listing)
    session.flush()
    kind = ListingReopened if reopened else ListingChanged
    record(
        session,
        kind(actor_id=actor.person_id, school_urns=(listing.school_urn,), listing_id=listing.id),
    )
    return listing


def mark_met(session: Session, actor: Actor, listing: Listing, met: str, met_by: str) -> Listing:
    """Say how far a request has been met, and by whom; one that is met is taken down.

    Raises:
        NotFound: if it is not this school's.
        NotAllowed: without the role.
        Refusal: of an offer, or for words that cannot be shown.
    """
    _require_own(listing, actor)
    if listing.kind != Kind.REQUEST:
        raise Refusal("Only a request is met.")
    if met not in list(Met):
        raise Refusal("Choose how far it has been met.", field="met")
    if len(met_by.strip()) > LONGEST_NAMES:
        raise Refusal(f"Use at most {LONGEST_NAMES} characters.", field="met_by")
    row = row_of(session, listing.id)
    row.met = met
    row.met_by = "" if met == Met.NOT else met_by.strip()
    row.met_on = None if met == Met.NOT else today()
    _touch(listing)
    closed = met == Met.FULLY and listing.status == ListingStatus.OPEN
    if closed:
        listing.status = ListingStatus.WITHDRAWN
    session.flush()
    kind = ListingWithdrawn if closed else ListingChanged
    record(
        session,
        kind(actor_id=actor.person_id, school_urns=(listing.school_urn,), listing_id=listing.id),
    )
    return listing


def expire_listings_job(run: JobRun) -> str:
    """Take down the listings whose day has passed."""
    return f"{expire_listings(run.session):,} listings have ended."


def expire_listings(session: Session) -> int:
    """Take down every open listing whose last day has passed; return how many."""
    listings = session.scalars(
        sa.select(Listing)
        .join(ListingDetails, ListingDetails.listing_id == Listing.id)
        .where(ListingDetails.expires_on < today(), Listing.status == ListingStatus.OPEN)
        .order_by(Listing.id)
    ).all()
    for listing in listings:
        listing.status = ListingStatus.WITHDRAWN
        listing.public = False
        _touch(listing)
        record(
            session,
            ListingExpired(actor_id=None, school_urns=(listing.school_urn,), listing_id=listing.id),
        )
    session.flush()
    return len(listings)


def _touch(listing: Listing) -> None:
    listing.version += 1
    listing.updated_at = clock.now()


def _require_own(listing: Listing, actor: Actor) -> None:
    if listing.school_urn != actor.urn:
        raise NotFound
    actor.require(Permission.POST_LISTINGS)
