"""What happens to listings, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class ListingPosted(Event):
    """An offer or a request was posted."""

    type = "listing.posted"
    listing_id: int


@dataclass(frozen=True, kw_only=True)
class ListingChanged(Event):
    """The content of a listing was changed."""

    type = "listing.changed"
    listing_id: int


@dataclass(frozen=True, kw_only=True)
class ListingWithdrawn(Event):
    """A listing was withdrawn, by its school or because the school closed."""

    type = "listing.withdrawn"
    listing_id: int


@dataclass(frozen=True, kw_only=True)
class ListingReopened(Event):
    """A withdrawn listing was opened again."""

    type = "listing.reopened"
    listing_id: int


@dataclass(frozen=True, kw_only=True)
class ListingExpired(Event):
    """The last day of a listing passed, so that it was taken down."""

    type = "listing.expired"
    listing_id: int
