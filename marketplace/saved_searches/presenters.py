"""Saved searches as the templates show them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from marketplace.saved_searches.criteria import SavedCriteria
from marketplace.saved_searches.models import AlertFrequency, SavedSearch
from marketplace.search.criteria import Tab

SHORT_LABELS: dict[str, str] = {
    AlertFrequency.AT_ONCE: "At once",
    AlertFrequency.DAILY: "Once a day",
    AlertFrequency.WEEKLY: "Once a week",
    AlertFrequency.OFF: "Not at all",
}
KINDS = {
    Tab.OFFERS: "Offers",
    Tab.REQUESTS: "Requests",
    Tab.OURS: "Offers and requests",
}
"""What a saved search is among, by its tab."""


@dataclass(frozen=True, slots=True)
class SavedRow:
    """A saved search in the list."""

    name: str
    url: str
    asked: str
    search_url: str
    frequency: str
    found: str


def saved_row(search: SavedSearch, found: int) -> SavedRow:
    """Return a saved search as its row, with how many listings it has told of."""
    criteria = SavedCriteria.restore(search.criteria)
    asked = criteria.in_words()
    return SavedRow(
        name=search.name,
        url=url_for("saved_searches.saved", search_id=search.id),
        asked=f"{KINDS[Tab(criteria.kind)]}: {asked}" if criteria.words else asked,
        search_url=url_for("search.find", **criteria.address()),
        frequency=SHORT_LABELS[search.frequency],
        found="Nothing new yet" if not found else f"{found:,} told",
    )
