"""What adjustments hold on people: who proposed, who decided, and the trail of both."""

from __future__ import annotations

from flask import Flask

from marketplace.adjustments.models import Adjustment, AdjustmentEvent
from marketplace.privacy.holdings import Holding, Keep, get_holdings

_WHY = Keep("Schools and auditors can see which two people decided about credits, and when.")


def init_app(app: Flask) -> None:
    """Register them."""
    get_holdings(app).add(
        Holding(
            "adjustments proposed",
            about="the adjustments of schools that you proposed as an operator, and why",
            column=Adjustment.proposed_by_id,
            shown=(
                Adjustment.proposed_at,
                Adjustment.kind,
                Adjustment.school_urn,
                Adjustment.reason,
                Adjustment.evidence,
                Adjustment.evidence_source,
            ),
            on_erasure=_WHY,
        ),
        Holding(
            "adjustments decided",
            about="the adjustments of schools that you approved, refused or withdrew",
            column=Adjustment.decided_by_id,
            shown=(
                Adjustment.decided_at,
                Adjustment.kind,
                Adjustment.school_urn,
                Adjustment.state,
            ),
            on_erasure=_WHY,
        ),
        Holding(
            "steps of adjustments",
            about="each step that you took about an adjustment, and what you wrote with it",
            column=AdjustmentEvent.person_id,
            shown=(
                AdjustmentEvent.at,
                AdjustmentEvent.adjustment_id,
                AdjustmentEvent.step,
                AdjustmentEvent.reason,
            ),
            on_erasure=_WHY,
        ),
    )
