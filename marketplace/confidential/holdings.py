"""What confidential requests hold on people."""

from __future__ import annotations

from flask import Flask

from marketplace.confidential.models import ConfidentialAsk
from marketplace.privacy.holdings import Holding, Keep, get_holdings

_SCHOOLS = Keep("What a school answered is the school’s own record.")


def init_app(app: Flask) -> None:
    """Register it."""
    get_holdings(app).add(
        Holding(
            "confidential_answers",
            about="which confidential requests you answered for your school",
            column=ConfidentialAsk.answered_by_id,
            shown=(ConfidentialAsk.answered_at, ConfidentialAsk.school_urn, ConfidentialAsk.state),
            on_erasure=_SCHOOLS,
        ),
        Holding(
            "confidential_decisions",
            about="which answers to your school’s confidential requests you decided about",
            column=ConfidentialAsk.decided_by_id,
            shown=(ConfidentialAsk.decided_at, ConfidentialAsk.listing_id),
            on_erasure=_SCHOOLS,
        ),
    )
