"""Adjustments that wait, and that are decided."""

from __future__ import annotations

from typing import Any

from marketplace.accounts.actor import Actor
from marketplace.adjustments.figures import figures_now, fingerprint
from marketplace.adjustments.kinds import KINDS
from marketplace.adjustments.models import Adjustment
from marketplace.adjustments.service import approve_adjustment, propose_adjustment
from marketplace.database import db
from tests.marketplace.network.factories import joined_school, operator

DETAILS: dict[str, dict[str, Any]] = {
    "grant": {"minutes": 90, "source": "issuance"},
    "write-off": {"minutes": 60},
    "limit": {"floor": -60, "ceiling": None, "soft_floor": None, "soft_ceiling": None},
    "freeze": {},
    "unfreeze": {},
    "leaving": {"heir_urn": None},
    "correction": {},
    "ruling": {"ruling": "pay", "minutes": 60, "fund_minutes": 0, "reasons": "So it was."},
}
"""What each kind of adjustment needs."""
EVIDENCE = "The marker that no school may read"


def proposed(
    actor: Actor | None = None,
    kind: str = "grant",
    urn: int | None = None,
    *,
    urgent: bool = False,
    key: str = "",
    reason: str = "They hosted the summer school.",
    **details: object,
) -> Adjustment:
    """An adjustment that waits for a second person: of a new school unless ``urn`` names one."""
    number = db.session.query(Adjustment).count()
    return propose_adjustment(
        db.session(),
        actor or operator(),
        KINDS[kind],
        joined_school().urn if urn is None else urn,
        details=DETAILS[kind] | details,
        reason=reason,
        evidence=EVIDENCE,
        evidence_source="E-mail of 3 June",
        idempotency_key=key or f"the key of the form {number}",
        urgent=urgent,
    )


def approved(adjustment: Adjustment, actor: Actor | None = None, **named: Any) -> Adjustment:
    """The adjustment, approved by another person who has seen what is true now."""
    seen = fingerprint(figures_now(db.session(), adjustment))
    return approve_adjustment(db.session(), actor or operator(), adjustment.id, seen=seen, **named)
