"""The worker's part: it verifies the book beside the server, and writes down how far it is.

The checks run in a thread with a connection of its own that only reads, with the lowest priority
and with pauses; meanwhile the worker writes the progress down and keeps its job. If the worker is
ended, the job's lease ends soon after, and the run is taken up again from its beginning.
"""

from __future__ import annotations

import logging
import os
import threading
import time as stopwatch
from contextlib import suppress
from datetime import time, timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from ledger import Book, Head, LedgerError, Report
from marketplace.audit.verification import service
from marketplace.audit.verification.events import VerificationAsked
from marketplace.audit.verification.models import VerificationRun
from marketplace.database import db
from marketplace.outbox import get_schedule, get_subscribers
from marketplace.outbox.schedule import JobRun, make_due

JOB = "verify_book"
AT = time(3, 30)
"""When the book is verified each night, in Europe/London: after it has been sealed."""
LEASE = timedelta(minutes=3)
MOST_ATTEMPTS = 3
PROGRESS_SECONDS = 2.0
LOWEST_PRIORITY = 19
PAUSE = 0.5
"""How long it rests after a step, as a share of how long the step took."""
LONGEST_PAUSE_SECONDS = 5.0

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
    verifier = _Verifier(db.engine, thorough=run.thorough)
    verifier.start()
    try:
        while not verifier.done.wait(PROGRESS_SECONDS):
            service.note_progress(run, *verifier.progress)
            job.commit()
    finally:
        verifier.stopping.set()
        verifier.join()
    if isinstance(verifier.error, sa.exc.DBAPIError):
        raise verifier.error  # the database is away: the worker waits, and it is done again
    if verifier.error is not None or verifier.outcome is None:
        problem = _in_words(verifier.error)
        service.break_off(session, run, problem)
        return problem
    report, head = verifier.outcome
    service.note_progress(run, *verifier.progress)
    service.finish_run(session, run, report, head)
    if report.sound:
        return "The book is sound."
    return f"The book is NOT sound: {report.total:,} {'fault' if report.total == 1 else 'faults'}."


def _in_words(error: Exception | None) -> str:
    if isinstance(error, LedgerError):
        return str(error)
    return f"An error ended it: {type(error).__name__}. It is in the worker’s log."


class _Stopped(Exception):  # noqa: N818  # nothing went wrong
    """The worker no longer has the job."""


class _Verifier(threading.Thread):
    """The checks, beside the worker; ``outcome`` is there once ``done`` is set without error."""

    def __init__(self, engine: sa.Engine, *, thorough: bool) -> None:
        super().__init__(name="verification", daemon=True)
        self._engine = engine
        self._thorough = thorough
        self._step_began = 0.0
        self.progress = (0, 0)
        self.outcome: tuple[Report, Head] | None = None
        self.error: Exception | None = None
        self.done = threading.Event()
        self.stopping = threading.Event()

    def run(self) -> None:
        """Verify, and keep what came of it."""
        # On Linux that is the priority of this thread alone; elsewhere it may not be possible.
        with suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST_PRIORITY)
        try:
            reader = self._engine.execution_options(read_only=True, postgresql_readonly=True)
            with reader.connect() as connection:
                if connection.dialect.name == "postgresql":
                    # One process of the database's, not several: the rest is for those who work.
                    connection.exec_driver_sql("SET LOCAL max_parallel_workers_per_gather = 0")
                book = Book(connection)
                head = book.head()
                self._step_began = stopwatch.monotonic()
                self.outcome = book.verify(self._tell, thorough=self._thorough), head
        except _Stopped:
            pass
        except Exception as error:
            self.error = error
            log.exception("A verification of the book broke off.")
        finally:
            self.done.set()

    def _tell(self, done: int, steps: int) -> None:
        """Keep the progress, and rest for a share of what the step before took."""
        self.progress = (done, steps)
        took = stopwatch.monotonic() - self._step_began
        if self.stopping.wait(min(took * PAUSE, LONGEST_PAUSE_SECONDS)):
            raise _Stopped
        self._step_began = stopwatch.monotonic()
