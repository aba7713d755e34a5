"""What the pages of schools hold on people."""

from __future__ import annotations

from flask import Flask

from marketplace.privacy.holdings import Holding, Keep, get_holdings
from marketplace.profiles.parts.models import ProfilePart


def init_app(app: Flask) -> None:
    """Register it."""
    get_holdings(app).add(
        Holding(
            "profile_parts",
            about="which parts of your school’s page you wrote last",
            column=ProfilePart.written_by_id,
            shown=(ProfilePart.written_at, ProfilePart.school_urn, ProfilePart.kind),
            on_erasure=Keep("What stands on a school’s page is the school’s."),
        )
    )
