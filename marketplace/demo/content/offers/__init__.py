"""Offers, by what they are about."""

from __future__ import annotations

from marketplace.demo.content.listing_text import ListingText
from marketplace.demo.content.offers import (
    arts,
    inclusion,
    leadership,
    literacy,
    pastoral,
    running,
    subjects,
)

OFFERS: tuple[ListingText, ...] = (
    *literacy.OFFERS,
    *subjects.OFFERS,
    *arts.OFFERS,
    *inclusion.OFFERS,
    *pastoral.OFFERS,
    *leadership.OFFERS,
    *running.OFFERS,
)
