"""Offers, by what they are about."""

from __future__ import annotations

from marketplace.demo.content.listing_text import ListingText
from marketplace.demo.content.offers import arts, inclusion, literacy, pastoral, subjects

OFFERS: tuple[ListingText, ...] = (
    *literacy.OFFERS,
    *subjects.OFFERS,
    *arts.OFFERS,
    *inclusion.OFFERS,
    *pastoral.OFFERS,
)
