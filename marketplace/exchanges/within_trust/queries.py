"""Reading what trusts have decided about help between their schools."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.exchanges.within_trust.models import WithinTrustRule
from marketplace.schools.models import Trust

SHOWN = 50
"""How many decisions the page shows, the latest first."""


def rules_of(session: Session, trust_id: int) -> list[WithinTrustRule]:
    """Return the decisions of a trust, the latest first."""
    return list(
        session.scalars(
            sa.select(WithinTrustRule)
            .where(WithinTrustRule.trust_id == trust_id)
            .options(joinedload(WithinTrustRule.person))
            .order_by(WithinTrustRule.id.desc())
            .limit(SHOWN)
        )
    )


def free_trust(session: Session, trust_id: int | None, other_trust_id: int | None) -> Trust | None:
    """Return the trust within which schools of these trusts help each other for nothing, if any."""
    return session.get(Trust, trust_id) if is_free(session, trust_id, other_trust_id) else None


def is_free(session: Session, trust_id: int | None, other_trust_id: int | None) -> bool:
    """Say whether two schools of these trusts help each other for nothing.

    It is only so within one trust that has decided it.
    """
    if trust_id is None or trust_id != other_trust_id:
        return False
    return bool(
        session.scalar(
            sa.select(WithinTrustRule.free)
            .where(WithinTrustRule.trust_id == trust_id)
            .order_by(WithinTrustRule.id.desc())
            .limit(1)
        )
    )
