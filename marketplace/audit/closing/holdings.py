"""What the closing of periods holds on people."""

from __future__ import annotations

from flask import Flask

from marketplace.audit.closing.models import PeriodClosing
from marketplace.privacy.holdings import Holding, Keep, get_holdings

BECAUSE = "Who closed the books, and on whose proposal, is the network’s record."


def init_app(app: Flask) -> None:
    """Register it."""
    get_holdings(app).add(
        Holding(
            "proposals to close a period",
            about="the periods that you have proposed to close",
            column=PeriodClosing.proposed_by_id,
            shown=(PeriodClosing.proposed_at, PeriodClosing.ends_on, PeriodClosing.reason),
            on_erasure=Keep(BECAUSE),
        ),
        Holding(
            "closed periods",
            about="the periods that you have closed",
            column=PeriodClosing.closed_by_id,
            shown=(PeriodClosing.closed_at, PeriodClosing.ends_on),
            on_erasure=Keep(BECAUSE),
        ),
    )
