"""What reminders record in the outbox: something waits, or ends soon."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class EnquiryUnanswered(Event):
    """A school has not answered for ``days``: it is the one school concerned."""

    type = "enquiry.unanswered"
    enquiry_id: int
    days: int


@dataclass(frozen=True, kw_only=True)
class ExchangeUnanswered(Event):
    """An exchange has waited for a school for ``days``: it is the one school concerned."""

    type = "exchange.unanswered"
    exchange_id: int
    days: int


@dataclass(frozen=True, kw_only=True)
class ListingEnding(Event):
    """The last day of a listing is at most ``days`` ahead."""

    type = "listing.ending"
    listing_id: int
    days: int


@dataclass(frozen=True, kw_only=True)
class HoldEnding(Event):
    """The credits of an exchange are held for ``days`` more at most."""

    type = "hold.ending"
    exchange_id: int
    days: int
