"""What the decisions of trusts hold on people."""

from __future__ import annotations

from flask import Flask

from marketplace.exchanges.same_person.models import SamePersonRule
from marketplace.privacy.holdings import Holding, Keep, get_holdings


def init_app(app: Flask) -> None:
    """Register them."""
    get_holdings(app).add(
        Holding(
            "decisions of a trust",
            about="your decisions whether one person may act for two schools of your trust",
            column=SamePersonRule.person_id,
            shown=(SamePersonRule.at, SamePersonRule.trust_id, SamePersonRule.allowed),
            on_erasure=Keep("The auditors see who allowed it, and when."),
        )
    )
