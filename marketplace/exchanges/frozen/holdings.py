"""What permits hold on people."""

from __future__ import annotations

from flask import Flask

from marketplace.exchanges.frozen.models import SettlementPermit
from marketplace.privacy.holdings import Holding, Keep, get_holdings


def init_app(app: Flask) -> None:
    """Register them."""
    get_holdings(app).add(
        Holding(
            "payments let through",
            about="the payments that you let through although an account was frozen, and why",
            column=SettlementPermit.person_id,
            shown=(SettlementPermit.at, SettlementPermit.exchange_id, SettlementPermit.reason),
            on_erasure=Keep("The auditors see who let a payment through, and why."),
        )
    )
