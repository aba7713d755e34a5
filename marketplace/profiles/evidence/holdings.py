"""What pieces of evidence hold on people."""

from __future__ import annotations

from flask import Flask

from marketplace.privacy.holdings import Holding, Keep, get_holdings
from marketplace.profiles.evidence.models import Evidence


def init_app(app: Flask) -> None:
    """Register it."""
    get_holdings(app).add(
        Holding(
            "evidence",
            about="which pieces of evidence you added to your school’s page",
            column=Evidence.added_by_id,
            shown=(Evidence.added_at, Evidence.school_urn, Evidence.title),
            on_erasure=Keep("What stands on a school’s page is the school’s."),
        )
    )
