"""What happens to reported listings, for the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class ListingReported(Event):
    """A school reported a listing of another one: the reporting school is the one concerned."""

    type = "listing.reported"
    listing_id: int


@dataclass(frozen=True, kw_only=True)
class ListingHidden(Event):
    """The operator hid a listing from other schools."""

    type = "listing.hidden"
    listing_id: int
    reporter_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ListingRestored(Event):
    """The operator showed a hidden listing again."""

    type = "listing.restored"
    listing_id: int
    reporter_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ListingKept(Event):
    """The operator looked at reports of a listing and let it be."""

    type = "listing.kept"
    listing_id: int
    reporter_ids: tuple[int, ...]
