"""What ends a correction from outside: a dispute about the same exchange."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.exchanges.corrections.models import (
    OPEN_CORRECTIONS,
    Correction,
    CorrectionState,
)
from marketplace.exchanges.models import Exchange


def end_by_dispute(session: Session, exchange: Exchange, at: datetime) -> int | None:
    """Let a dispute take the place of the correction that is open; return which it was, if any."""
    correction = session.scalar(
        sa.select(Correction).where(
            Correction.exchange_id == exchange.id, Correction.state.in_(OPEN_CORRECTIONS)
        )
    )
    if correction is None:
        return None
    correction.state = CorrectionState.DISPUTED
    correction.answered_at = at
    session.flush()
    return correction.id
