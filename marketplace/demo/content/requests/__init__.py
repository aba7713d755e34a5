"""Requests, by what they are about."""

from __future__ import annotations

from marketplace.demo.content.listing_text import ListingText
from marketplace.demo.content.requests import teaching, whole_school

REQUESTS: tuple[ListingText, ...] = (*teaching.REQUESTS, *whole_school.REQUESTS)
