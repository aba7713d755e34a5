"""Asking for a verification, and noting how far it is and what came of it. Nothing commits."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ledger import Head, Report
from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.roles import Permission
from marketplace.audit.standing import book_standing
from marketplace.audit.verification.events import (
    FaultsFound,
    VerificationAsked,
    VerificationBrokenOff,
    VerificationPassed,
)
from marketplace.audit.verification.models import Result, VerificationRun
from marketplace.outbox.service import record

FAULTS_KEPT = 100
"""How many faults are kept in words; all are counted."""


def ask_verification(session: Session, actor: Actor, *, thorough: bool) -> tuple[int, bool]:
    """Have the worker verify the book; return the run's number, and whether it is a new one.

    There is one at a time: while one is waiting or under way, that one is returned.

    Raises:
        NotAllowed: the actor does not read the network's ledger.
    """
    actor.require(Permission.AUDIT_LEDGER)
    under_way = open_run(session)
    if under_way is not None:
        return under_way.id, False
    run = begin_run(session, thorough=thorough, asked_by_id=actor.person_id)
    record(session, VerificationAsked(actor_id=actor.person_id, school_urns=(), run_id=run.id))
    return run.id, True


def open_run(session: Session) -> VerificationRun | None:
    """Return the verification that waits or is under way, if there is one."""
    query = sa.select(VerificationRun).where(VerificationRun.open_slot == 1)
    return session.scalar(query.execution_options(populate_existing=True))


def begin_run(
    session: Session, *, thorough: bool, asked_by_id: int | None = None
) -> VerificationRun:
    """Write down that a verification is to be made.

    Raises:
        IntegrityError: another one is open.
    """
    run = VerificationRun(thorough=thorough, asked_by_id=asked_by_id, asked_at=clock.now())
    session.add(run)
    session.flush()
    return run


def note_attempt(session: Session, run: VerificationRun) -> None:
    """Note that a worker begins with it, once more if an earlier worker was ended."""
    standing = book_standing(session)
    run.attempts += 1
    run.begun_at = run.progress_at = clock.now()
    run.steps_done = run.steps = 0
    if standing.last_seal is not None:
        run.seal_number, run.seal_hash = standing.last_seal.number, standing.last_seal.hash


def note_progress(run: VerificationRun, done: int, steps: int) -> None:
    """Note how many steps are done."""
    run.steps_done, run.steps, run.progress_at = done, steps, clock.now()


def finish_run(session: Session, run: VerificationRun, report: Report, head: Head) -> None:
    """Note what came of it, for ever; ``head`` is how far the book had come at the beginning."""
    run.head = head.last
    run.faults = [
        [fault.kind, fault.subject, fault.message] for fault in report.faults[:FAULTS_KEPT]
    ]
    run.counts, run.remarks = dict(report.counts), list(report.remarks)
    run.fault_count = report.total
    run.steps_done = run.steps
    _close(run, Result.SOUND if report.sound else Result.FAULTS)
    event = VerificationPassed if report.sound else FaultsFound
    record(session, event(actor_id=None, school_urns=(), run_id=run.id))


def break_off(session: Session, run: VerificationRun, problem: str) -> None:
    """Note that it could not be finished, and why."""
    run.problem = problem[:500]
    _close(run, Result.BROKEN_OFF)
    record(session, VerificationBrokenOff(actor_id=None, school_urns=(), run_id=run.id))


def _close(run: VerificationRun, result: Result) -> None:
    run.result, run.finished_at, run.open_slot = result, clock.now(), None
