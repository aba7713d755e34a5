"""What photographs hold on people."""

from __future__ import annotations

from flask import Flask

from marketplace.privacy.holdings import Holding, Keep, get_holdings
from marketplace.profiles.photographs.models import Photograph


def init_app(app: Flask) -> None:
    """Register it."""
    get_holdings(app).add(
        Holding(
            "photographs",
            about="which photographs you added to your school’s page, with what you said of them",
            column=Photograph.added_by_id,
            shown=(
                Photograph.added_at,
                Photograph.school_urn,
                Photograph.description,
                Photograph.caption,
            ),
            on_erasure=Keep(
                "What stands on a school’s page is the school’s, which removes a photograph when"
                " somebody in it asks."
            ),
        )
    )
