"""What one person did at once: it stands until another confirms it, or it is undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.adjustments.events import AdjustmentLapsed
from marketplace.adjustments.kinds import KINDS
from marketplace.adjustments.models import Adjustment, AdjustmentState, Step
from marketplace.adjustments.trail import decide, ids_of, lock_adjustment, school_of, write_event
from marketplace.credits.adjusting import Cause
from marketplace.errors import Refusal
from marketplace.outbox.schedule import JobRun
from marketplace.outbox.service import record

CONFIRMED_WITHIN = timedelta(hours=48)
"""How long what one person did at once stands without another person's confirmation."""
NOT_AGAIN_FOR = timedelta(days=30)
"""How long after it was not confirmed the same cannot be done at once again, by anyone."""
LAPSING_ACTOR = "command:lapse-adjustments"
LAPSED_AT_ONCE = 50


def refuse_again(session: Session, subject: str) -> None:
    """Refuse to do at once what was done so lately and not confirmed: one person would decide.

    Raises:
        Refusal: another person has to approve it first.
    """
    unconfirmed = sa.exists().where(
        Adjustment.subject == subject,
        Adjustment.confirm_by.is_not(None),
        Adjustment.state.not_in((AdjustmentState.PROPOSED, AdjustmentState.DONE)),
        Adjustment.decided_at > clock.now() - NOT_AGAIN_FOR,
    )
    if session.scalar(sa.select(unconfirmed)):
        raise Refusal(
            "This was done at once in the last 30 days, and nobody confirmed it. This time another"
            " person has to approve it first.",
            field="at_once",
        )


def undo(session: Session, adjustment: Adjustment, actor: Actor | None) -> None:
    """Undo what was done at once; nothing else has been done before it is approved."""
    if adjustment.confirm_by is None:
        return
    kind, school = KINDS[adjustment.kind], school_of(session, adjustment.school_urn)
    memo = f"{kind.label} of adjustment {adjustment.id} was not confirmed"
    name = actor.ledger_name if actor else LAPSING_ACTOR
    kind.undo(session, school, actor, Cause(name, adjustment.reference, memo))


def lapse_adjustments(session: Session, commit: Callable[[], None]) -> int:
    """Undo what was done at once and not confirmed in time; return how many.

    ``commit`` is called after each.
    """
    overdue = session.scalars(
        sa.select(Adjustment.id)
        .where(Adjustment.state == AdjustmentState.PROPOSED, Adjustment.confirm_by <= clock.now())
        .order_by(Adjustment.confirm_by)
        .limit(LAPSED_AT_ONCE)
    ).all()
    count = 0
    for adjustment_id in overdue:
        adjustment = lock_adjustment(session, adjustment_id)
        if adjustment is not None and adjustment.is_open:
            undo(session, adjustment, None)
            decide(session, adjustment, AdjustmentState.LAPSED, None)
            write_event(session, adjustment, Step.LAPSED, None, "", [])
            record(session, AdjustmentLapsed(**ids_of(adjustment, None)))
            count += 1
        commit()
    return count


def lapse_job(run: JobRun) -> str:
    """Undo what was not confirmed in time; the worker does it every hour."""
    return f"{lapse_adjustments(run.session, run.commit):,} adjustments undone."
