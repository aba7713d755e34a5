"""What reports hold on people."""

from __future__ import annotations

from flask import Flask

from marketplace.listings.moderation.models import ListingReport, ModerationStep
from marketplace.privacy.holdings import Holding, Keep, get_holdings


def init_app(app: Flask) -> None:
    """Register it."""
    get_holdings(app).add(
        Holding(
            "listing_reports",
            about="the offers and requests that you reported",
            column=ListingReport.reporter_id,
            shown=(
                ListingReport.created_at,
                ListingReport.listing_id,
                ListingReport.reason,
                ListingReport.text,
            ),
            on_erasure=Keep("It is a part of why a listing was hidden or left."),
        ),
        Holding(
            "moderation",
            about="what you decided about listings as an operator",
            column=ModerationStep.person_id,
            shown=(ModerationStep.at, ModerationStep.listing_id, ModerationStep.decision),
            on_erasure=Keep("It shows who decided what may be read."),
        ),
    )
