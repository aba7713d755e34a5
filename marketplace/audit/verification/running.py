"""The worker's part: it verifies the book beside the server, and writes down how far it is.

The checks run in a thread (see `verifier`); meanwhile the worker writes the progress down and keeps
its job. If the worker is ended, the job's lease ends soon after, and the run is taken up again from
its beginning.
"""

from __future__ import annotations

import logging
from datetime import time, timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from ledger import LedgerError
from marketplace.audit.verification import service
from marketplace.audit.verification.events import VerificationAsked
from marketplace.audit.verification.models import VerificationRun
from marketplace.audit.verification.verifier import Verifier
from marketplace.database import db
from marketplace.outbox import get_schedule, get_subscribers
from marketplace.outbox.schedule import JobRun, make_due

JOB = "verify_book"
AT = time(3, 30)
"""When the book is verified each night, in Europe/London: after it has been sealed."""
LEASE = timedelta(minutes=3)
MOST_ATTEMPTS = 3
PROGRESS_SECONDS = 2.0

log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Put it on the schedule, and let those who ask bring it forward."""
    get_schedule(app).every(JOB, AT, verify_job, lease=LEASE)
    get_subscribers(app).subscribe(VerificationAsked, "audit.verification", _bring_forward)


def _bring_forward(session: Session, event: VerificationAsked) -> None:
    run = session.get(VerificationRun, event.run_id)
    if run is not None and run.begun_at is None:
        make_due(session, JOB)


def verify_job(job: JobRun) -> str:
    """Carry out the verification that was asked for, or that of the night; say what came of it."""
    session = job.session
    run = service.open_run(session) or service.begin_run(session, thorough=False)
    if run.attempts >= MOST_ATTEMPTS:
        problem = f"The worker was ended before it had finished, {run.attempts} times."
        service.break_off(session, run, problem)
        return problem
    service.note_attempt(session, run)
    job.commit()
    with Verifier(db.engine, thorough=run.thorough) as verifier:
        while not verifier.done.wait(PROGRESS_SECONDS):
            service.note_progress(run, *verifier.progress)
            job.commit()
    try:
        report, head = verifier.result()
    except sa.exc.DBAPIError:
        raise  # the database is away: the worker waits, and it is done again
    except Exception as error:
        log.exception("A verification of the book broke off.")
        problem = _in_words(error)
        service.break_off(session, run, problem)
        return problem
    service.note_progress(run, *verifier.progress)
    service.finish_run(session, run, report, head)
    if report.sound:
        return "The book is sound."
    return f"The book is NOT sound: {report.total:,} {'fault' if report.total == 1 else 'faults'}."


def _in_words(error: Exception) -> str:
    if isinstance(error, LedgerError):
        return str(error)
    return f"An error ended it: {type(error).__name__}. It is in the worker’s log."
