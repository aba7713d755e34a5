"""Reading what trusts have decided about help between their schools."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace.errors import Refusal
from marketplace.exchanges.within_trust.models import WithinTrustRule
from marketplace.schools.models import School

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


def refuse_where_free(session: Session, urn: int, other_urn: int) -> None:
    """Refuse that credits are proposed between two schools of a trust whose own help is free.

    Raises:
        Refusal: saying what to do instead.
    """
    one, other = (session.get_one(School, number) for number in (urn, other_urn))
    if is_free(session, one.trust_id, other.trust_id):
        raise Refusal(
            "Your trust has decided that help between its schools costs nothing, so no credits can"
            " be proposed. Agree on the help in a message instead.",
            field="minutes",
        )


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
