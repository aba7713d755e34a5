"""What corrections hold on people; their texts go with those of their exchange."""

from __future__ import annotations

from flask import Flask

from marketplace.exchanges.corrections.models import Correction
from marketplace.privacy.holdings import Holding, Keep, get_holdings

_WHY = Keep("The accounts say who asked that an entry be put right, and who agreed.")


def init_app(app: Flask) -> None:
    """Register them."""
    get_holdings(app).add(
        Holding(
            "corrections asked for",
            about="the corrections of exchanges that you asked for, and why",
            column=Correction.asked_by_id,
            shown=(
                Correction.asked_at,
                Correction.asked_by_urn,
                Correction.exchange_id,
                Correction.minutes,
                Correction.reason,
            ),
            on_erasure=_WHY,
        ),
        Holding(
            "corrections answered",
            about="the corrections of exchanges that you agreed to, declined or withdrew",
            column=Correction.answered_by_id,
            shown=(
                Correction.answered_at,
                Correction.exchange_id,
                Correction.state,
                Correction.answer,
            ),
            on_erasure=_WHY,
        ),
    )
