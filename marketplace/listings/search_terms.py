"""The search terms of a listing: its words, stemmed, weighted and stored beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.listings.models import Listing, ListingTerm
from marketplace.listings.stemming import terms
from marketplace.listings.topics import TOPICS

TITLE_WEIGHT, TOPIC_WEIGHT, TEXT_WEIGHT = 8, 6, 1


def index(session: Session, listings: Iterable[Listing]) -> None:
    """Write the search terms of ``listings`` (flushed, with their topics) afresh."""
    rows: list[dict[str, Any]] = []
    ids = []
    for listing in listings:
        ids.append(listing.id)
        rows += term_rows(
            listing.id, listing.title, listing.description, [t.topic for t in listing.topics]
        )
    session.execute(sa.delete(ListingTerm).where(ListingTerm.listing_id.in_(ids)))
    if rows:
        session.execute(sa.insert(ListingTerm), rows)


def term_rows(
    listing_id: int, title: str, description: str, topics: Iterable[str]
) -> list[dict[str, Any]]:
    """Return the rows of ``ListingTerm`` for one listing."""
    weights: Counter[str] = Counter()
    for term in terms(title):
        weights[term] += TITLE_WEIGHT
    for topic in topics:
        for term in terms(TOPICS[topic].name):
            weights[term] += TOPIC_WEIGHT
    for term, count in Counter(terms(description)).items():
        weights[term] += TEXT_WEIGHT * min(count, 5)
    return [
        {"term": term, "listing_id": listing_id, "weight": weight}
        for term, weight in sorted(weights.items())
    ]
