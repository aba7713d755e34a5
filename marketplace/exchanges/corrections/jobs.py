"""A correction that nobody has answered in time becomes a dispute."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Role
from marketplace.exchanges.corrections.models import Correction, CorrectionState
from marketplace.exchanges.disputes.queries import last_ruling
from marketplace.exchanges.disputes.service import open_dispute
from marketplace.exchanges.events import CorrectionUnanswered
from marketplace.exchanges.models import Exchange
from marketplace.exchanges.states import Step
from marketplace.exchanges.transitions import record_step_of_network
from marketplace.outbox.schedule import JobRun
from marketplace.outbox.service import record


def dispute_unanswered_job(run: JobRun) -> str:
    """Let corrections become disputes whose time to answer has passed."""
    return f"{dispute_unanswered(run.session, run.commit):,} corrections have become disputes."


def dispute_unanswered(session: Session, commit: Callable[[], None]) -> int:
    """Let corrections become disputes that were not answered in time; return how many.

    The dispute is that of the person and the school that asked, with their figure and their
    words. Where the operator has ruled before, there is none, and what was paid stays as it is.
    ``commit`` is called after each.
    """
    due = session.scalars(
        sa.select(Correction.id)
        .where(Correction.state == CorrectionState.ASKED, Correction.due_at <= clock.now())
        .order_by(Correction.id)
    ).all()
    return sum(_become_dispute(session, correction_id, commit) for correction_id in due)


def _become_dispute(session: Session, correction_id: int, commit: Callable[[], None]) -> int:
    row = session.execute(
        sa.select(Exchange, Correction)
        .join(Correction, Correction.exchange_id == Exchange.id)
        .where(Correction.id == correction_id, Correction.state == CorrectionState.ASKED)
        .options(joinedload(Correction.asked_by), joinedload(Correction.asked_by_school))
        # A step that is being taken is not overtaken; what is locked now is due at the next run.
        .with_for_update(of=Exchange, key_share=True, skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return 0
    exchange, correction = row
    if last_ruling(session, exchange) is not None:
        _let_it_stand(session, exchange, correction)
        commit()
        return 0
    school = correction.asked_by_school
    asker = Actor(
        correction.asked_by_id,
        correction.asked_by.name,
        frozenset({Role.COORDINATOR}),
        school.urn,
        school.name,
    )
    open_dispute(
        session,
        asker,
        exchange,
        minutes=correction.minutes,
        text=correction.reason,
        version=exchange.version,
        correction_id=correction.id,
    )
    record(
        session,
        CorrectionUnanswered(
            actor_id=None,
            school_urns=(exchange.provider_urn, exchange.receiver_urn),
            exchange_id=exchange.id,
            asking_urn=school.urn,
        ),
    )
    commit()
    return 1


def _let_it_stand(session: Session, exchange: Exchange, correction: Correction) -> None:
    """End a correction of what the operator has ruled on: only both schools can change that."""
    now, silent_urn = clock.now(), exchange.other_urn(correction.asked_by_urn)
    correction.state = CorrectionState.DECLINED
    correction.answered_at = now
    exchange.awaiting_urn = None
    exchange.version += 1
    exchange.updated_at = now
    text = (
        "There was no answer in time. The network’s operator has ruled on this before, so what was"
        " paid stays as it is."
    )
    record_step_of_network(session, exchange, Step.DECLINE_CORRECTION, silent_urn, now, text)
    session.flush()
