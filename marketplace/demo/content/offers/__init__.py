"""Offers, by what they are about."""

from __future__ import annotations

from marketplace.demo.content.listing_text import ListingText
from marketplace.demo.content.offers import arts, literacy, subjects

OFFERS: tuple[ListingText, ...] = (*literacy.OFFERS, *subjects.OFFERS, *arts.OFFERS)
