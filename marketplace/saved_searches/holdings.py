"""What saved searches hold on people."""

from __future__ import annotations

from flask import Flask

from marketplace.privacy.holdings import Delete, Holding, get_holdings
from marketplace.saved_searches.models import SavedSearch


def init_app(app: Flask) -> None:
    """Register it."""
    get_holdings(app).add(
        Holding(
            "saved_searches",
            about="the searches that you saved, and which listings they told you of",
            column=SavedSearch.person_id,
            shown=(
                SavedSearch.created_at,
                SavedSearch.name,
                SavedSearch.criteria,
                SavedSearch.frequency,
                SavedSearch.last_run_at,
            ),
            on_erasure=Delete(),
        )
    )
