"""The steps of an adjustment: each changes its state, and is a line of its trail."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.adjustments.figures import rows_of
from marketplace.adjustments.kinds import KINDS
from marketplace.adjustments.kinds.base import Figure, Kind
from marketplace.adjustments.models import Adjustment, AdjustmentEvent, AdjustmentState, Step
from marketplace.credits.adjusting import records_caused_by
from marketplace.errors import NotFound
from marketplace.schools.models import School

_PEOPLE = ": proposed by person "


def lock_adjustment(session: Session, adjustment_id: int) -> Adjustment | None:
    """Return an adjustment as it is now, locked; None if there is none of this number."""
    return session.scalar(
        sa.select(Adjustment)
        .where(Adjustment.id == adjustment_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def school_of(session: Session, urn: int) -> School:
    """Return the school ``urn`` as it is now.

    Raises:
        NotFound: the register has none.
    """
    school = session.get(School, urn, populate_existing=True)
    if school is None:
        raise NotFound("The register has no school with this URN.")
    return school


def decide(
    session: Session, adjustment: Adjustment, state: AdjustmentState, actor: Actor | None
) -> None:
    """Set the state that an open adjustment has from now on, and who decided."""
    adjustment.state = state
    adjustment.decided_by_id = actor.person_id if actor else None
    adjustment.decided_at = clock.now()
    session.flush()


def memo_of(adjustment: Adjustment, kind: Kind, approver_id: int | None = None) -> str:
    """Return what the ledger writes down: people by number, so that it has no names in it."""
    people = f"{_PEOPLE}{adjustment.proposed_by_id}"
    if approver_id is not None:
        people += f", approved by person {approver_id}"
    return f"{kind.label}, adjustment {adjustment.id}{people}"


def without_people(memo: str) -> str:
    """Return a memo of ``memo_of`` without its people by number; any other one as it is."""
    return memo.partition(_PEOPLE)[0]


def write_event(
    session: Session,
    adjustment: Adjustment,
    step: Step,
    person_id: int | None,
    reason: str,
    figures: list[Figure],
) -> None:
    """Add a line to the trail."""
    is_proposal = step is Step.PROPOSED
    records = records_caused_by(session, adjustment.reference)
    records += KINDS[adjustment.kind].records(session, adjustment.details)
    session.add(
        AdjustmentEvent(
            adjustment_id=adjustment.id,
            step=step,
            person_id=person_id,
            at=clock.now(),
            reason=reason,
            evidence=adjustment.evidence if is_proposal else "",
            evidence_source=adjustment.evidence_source if is_proposal else "",
            figures=rows_of(figures),
            transactions=sorted(records),
        )
    )
    session.flush()


def ids_of(adjustment: Adjustment, actor_id: int | None) -> dict[str, Any]:
    """Return what every event about ``adjustment`` says."""
    urns = (adjustment.school_urn, adjustment.other_urn)
    return {
        "actor_id": actor_id,
        "school_urns": tuple(urn for urn in urns if urn is not None),
        "adjustment_id": adjustment.id,
    }
