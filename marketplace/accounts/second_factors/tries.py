"""How often wrong codes may be tried: the one place that the second step asks."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.models import SecurityEvent
from marketplace.accounts.security_log import SecurityKind
from marketplace.errors import Refusal

MOST = 10
WITHIN = timedelta(minutes=10)


class TooManyTries(Refusal):
    """Too many wrong codes; the way out is to wait."""

    status = 429


def check(session: Session, person_id: int) -> None:
    """Refuse another try after ``MOST`` wrong ones ``WITHIN`` ten minutes, of whichever browser.

    Only who knows the password gets as far as this, so nobody else can lock the person out.

    Raises:
        TooManyTries: telling the person how long to wait.
    """
    wrong = session.scalar(
        sa.select(sa.func.count())
        .select_from(SecurityEvent)
        .where(
            SecurityEvent.person_id == person_id,
            SecurityEvent.kind == SecurityKind.SECOND_FACTOR_FAILED,
            SecurityEvent.occurred_at > clock.now() - WITHIN,
        )
    )
    if (wrong or 0) >= MOST:
        raise TooManyTries(
            f"Too many wrong codes were tried. Wait {WITHIN.seconds // 60} minutes, then try a new"
            " code."
        )
