"""What the rules of trusts about their own help hold on people."""

from __future__ import annotations

from flask import Flask

from marketplace.exchanges.within_trust.models import WithinTrustRule
from marketplace.privacy.holdings import Holding, Keep, get_holdings


def init_app(app: Flask) -> None:
    """Register them."""
    get_holdings(app).add(
        Holding(
            "decisions about help within a trust",
            about="your decisions what help between the schools of your trust costs",
            column=WithinTrustRule.person_id,
            shown=(WithinTrustRule.at, WithinTrustRule.trust_id, WithinTrustRule.free),
            on_erasure=Keep("The trust’s schools see who decided it, and when."),
        )
    )
