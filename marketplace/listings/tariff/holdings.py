"""What the tariff holds on people."""

from __future__ import annotations

from flask import Flask

from marketplace.listings.tariff.models import Tariff
from marketplace.privacy.holdings import Holding, Keep, get_holdings


def init_app(app: Flask) -> None:
    """Register it."""
    get_holdings(app).add(
        Holding(
            "tariff",
            about="whether you were the last one to change the network’s tariff",
            column=Tariff.changed_by_id,
            shown=(Tariff.changed_at,),
            on_erasure=Keep("It shows who decided what help should cost."),
        )
    )
