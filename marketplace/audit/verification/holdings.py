"""What verifications hold on people."""

from __future__ import annotations

from flask import Flask

from marketplace.audit.verification.models import VerificationRun
from marketplace.privacy.holdings import Holding, Keep, get_holdings


def init_app(app: Flask) -> None:
    """Register it."""
    get_holdings(app).add(
        Holding(
            "verifications",
            about="the verifications of the book that you have asked for",
            column=VerificationRun.asked_by_id,
            shown=(VerificationRun.asked_at, VerificationRun.thorough, VerificationRun.result),
            on_erasure=Keep("When the book was proved, and for whom, is the network’s record."),
        )
    )
