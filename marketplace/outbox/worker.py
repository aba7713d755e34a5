"""The worker: it distributes events, calls subscribers, and runs what is due on the schedule."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Collection, Sequence
from types import FrameType
from typing import TypeVar

import sqlalchemy as sa
from blinker import Namespace
from flask import Flask
from sqlalchemy.orm import Session

from marketplace.database import db
from marketplace.outbox import queries, service, together
from marketplace.outbox.retrying import ClaimLost, RetryPolicy, describe, stack
from marketplace.outbox.schedule import get_schedule
from marketplace.outbox.subscribers import get_subscribers

IDLE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
_SLICE_SECONDS = 0.2

worker_idle = Namespace().signal("worker-idle")
"""Sent, with the application, when a worker has nothing to do: what it holds open may be closed."""

log = logging.getLogger(__name__)

T = TypeVar("T")


class Worker:
    """One worker; any number of them may run side by side.

    Each piece of work has an application context, and so a session, of its own.
    """

    def __init__(self, app: Flask, policy: RetryPolicy | None = None) -> None:
        self._app = app
        self._policy = policy or RetryPolicy()
        self._subscribers = get_subscribers(app)
        self._schedule = get_schedule(app)
        self._stopping = False
        self._written_down = False

    def stop(self, signal_number: int = 0, frame: FrameType | None = None) -> None:
        """End after the work in hand; also a handler of signals."""
        self._stopping = True

    def run(self, idle_seconds: float = IDLE_SECONDS) -> None:
        """Work until stopped by `stop`, SIGTERM or SIGINT.

        While the database is away the worker waits, longer each time, and goes on when it is
        back. A second signal ends the process at once, which is safe, too.
        """
        before = {
            number: signal.signal(number, self._stop_once)
            for number in (signal.SIGTERM, signal.SIGINT)
        }
        pause = idle_seconds
        try:
            while not self._stopping:
                try:
                    worked = self.work()
                except sa.exc.DBAPIError as error:
                    log.warning("The database cannot be used just now: %s.", describe(error))
                    self._forget_connections()
                    self._sleep(pause)
                    pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                    continue
                pause = idle_seconds
                if not worked:
                    self._sleep(idle_seconds)
        finally:
            worker_idle.send(self._app)
            for number, handler in before.items():
                signal.signal(number, handler)

    def run_once(self) -> None:
        """Do everything that is due now, and return."""
        while not self._stopping and self.work():
            pass

    def work(self) -> bool:
        """Distribute events, run one job that is due, make one delivery; False if idle.

        Raises:
            DBAPIError: the database is away.
        """
        if not self._written_down:
            self._write_schedule_down()
        if not self._is_work_due():
            worker_idle.send(self._app)
            return False
        distributed = self._in_context(self._distribute)
        ran = self._run_job()
        delivered = self._deliver()
        return bool(distributed) or ran or delivered

    def _write_schedule_down(self) -> None:
        try:
            self._in_context(self._schedule.write_down)
        except sa.exc.IntegrityError:
            # Another worker started at the same instant and wrote its rows first; read them now.
            self._in_context(self._schedule.write_down)
        self._written_down = True

    def _is_work_due(self) -> bool:
        """Look without taking SQLite's write lock, so that an idle worker blocks no writer."""
        with (
            self._app.app_context(),
            db.engine.execution_options(read_only=True).connect() as connection,
        ):
            return queries.is_work_due(
                connection, self._subscribers.names(), [entry.name for entry in self._schedule]
            )

    def _distribute(self, session: Session) -> int:
        return service.distribute(session, self._subscribers)

    def _deliver(self) -> bool:
        names, policy = self._subscribers.names(), self._policy
        claim, more = self._in_context(lambda session: self._claim(session, names, policy))
        if claim is None:
            return False
        if more:
            self._deliver_together([claim, *more])
            return True

        def deliver(session: Session) -> None:
            kind, handler = self._subscribers.handler(claim.event_type, claim.subscriber)
            handler(session, claim.event(kind))
            service.finish(session, claim)

        subject = f"event {claim.event_id} ({claim.event_type}) to {claim.subscriber}"
        try:
            self._in_context(deliver)
        except ClaimLost:
            log.warning("Took longer than the lease, so another worker has it: %s.", subject)
        except Exception as error:

            def note(session: Session, error: Exception) -> bool:
                parked = service.fail(session, claim, error, policy)
                if parked:
                    self._tell_parked(session, claim)
                return parked

            self._fail(subject, error, note)
        return True

    def _claim(
        self, session: Session, names: Collection[str], policy: RetryPolicy
    ) -> tuple[service.Claim | None, list[service.Claim]]:
        """What is due next, and more of the same where the subscriber takes several."""
        claim = service.claim(session, names, policy, self._tell_parked)
        if claim is None or claim.tries > 1:
            return claim, []
        takes_several = self._subscribers.together(claim.event_type, claim.subscriber)
        return claim, together.claim_more(session, claim, policy) if takes_several else []

    def _deliver_together(self, claims: Sequence[service.Claim]) -> None:
        first = claims[0]

        def deliver(session: Session) -> None:
            kind, _handler = self._subscribers.handler(first.event_type, first.subscriber)
            handler = self._subscribers.together(first.event_type, first.subscriber)
            assert handler is not None
            handler(session, [claim.event(kind) for claim in claims])
            together.finish(session, claims)

        subject = f"{len(claims)} events ({first.event_type}) to {first.subscriber} together"
        try:
            self._in_context(deliver)
        except ClaimLost:
            log.warning("Took longer than the lease, so another worker has some: %s.", subject)
        except Exception as error:
            log.warning("Failed, to be tried one by one: %s, %s", subject, describe(error))
            self._in_context(lambda session: together.let_go(session, claims))

    def _tell_parked(self, session: Session, claim: service.Claim) -> None:
        """Let the subscriber note, in the transaction that parks it, that a delivery is parked."""
        entry = self._subscribers.on_parked(claim.event_type, claim.subscriber)
        if entry is not None:
            kind, handler = entry
            handler(session, claim.event(kind))

    def _run_job(self) -> bool:
        claimed = self._in_context(self._schedule.claim)
        if claimed is None:
            return False
        entry = self._schedule.entry(claimed.name)

        def run(session: Session) -> str | None:
            job_run = claimed.within(session)
            result = entry.job(job_run)
            job_run.finish(entry.rule, result)
            return result

        try:
            result = self._in_context(run)
        except ClaimLost:
            log.warning("Took longer than its lease, so another worker runs it: %s.", entry.name)
        except Exception as error:
            self._fail(
                f"the job {entry.name}",
                error,
                lambda session, error: claimed.within(session).fail(error, self._policy),
            )
        else:
            log.info("%s: %s", entry.name, result or "done")
        return True

    def _fail(
        self, subject: str, error: Exception, note: Callable[[Session, Exception], bool | None]
    ) -> None:
        log.error("Failed: %s, %s\n%s", subject, describe(error), stack(error))
        try:
            if self._in_context(lambda session: note(session, error)):
                log.error("Parked after the last try: %s. See “flask jobs status”.", subject)
        except ClaimLost:
            log.warning("It is done, or another worker has it: %s.", subject)

    def _in_context(self, work: Callable[[Session], T]) -> T:
        """Do ``work`` in a session of its own and commit it, or roll it back and raise."""
        with self._app.app_context():
            session = db.session()
            result = work(session)
            session.commit()
            return result

    def _forget_connections(self) -> None:
        with self._app.app_context():
            db.engine.dispose()

    def _stop_once(self, signal_number: int, frame: FrameType | None) -> None:
        log.info("Stopping after the work in hand.")
        self.stop()
        signal.signal(signal_number, signal.SIG_DFL)

    def _sleep(self, seconds: float) -> None:
        # In slices, because a signal sets a flag but does not end a sleep.
        end = time.monotonic() + seconds
        while not self._stopping and (remaining := end - time.monotonic()) > 0:
            time.sleep(min(remaining, _SLICE_SECONDS))
