"""Jobs that are due at times: each runs once across all workers, and once for a time it missed.

What is due stands in the database, so it survives restarts, and a worker takes a job by a
conditional update. A job whose worker was killed runs again when its lease ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Protocol
from uuid import uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.outbox.models import ScheduledJob
from marketplace.outbox.retrying import ClaimLost, RetryPolicy, describe

LONDON = ZoneInfo("Europe/London")
LEASE = timedelta(minutes=30)
LONGEST_RETRY_WAIT = timedelta(hours=1)


class Rule(Protocol):
    """When a job is due."""

    def first(self, now: datetime) -> datetime:
        """Return when a job that is new on the schedule is due."""

    def following(self, due: datetime, now: datetime) -> datetime:
        """Return when it is due after the run that was due at ``due``: later than ``now``."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Due at once, and then every ``length``; times that were missed are left out."""

    length: timedelta

    def __post_init__(self) -> None:
        if self.length <= timedelta(0):
            raise ValueError("a job must be due after some time")

    def __str__(self) -> str:
        if self.length == timedelta(hours=1):
            return "every hour"
        if self.length % timedelta(minutes=1) == timedelta(0):
            return f"every {self.length // timedelta(minutes=1)} minutes"
        return f"every {self.length}"

    def first(self, now: datetime) -> datetime:
        """Return ``now``: it is due at once."""
        return now

    def following(self, due: datetime, now: datetime) -> datetime:
        """Return the next whole number of lengths after ``due``."""
        return due + max(1, (now - due) // self.length + 1) * self.length


@dataclass(frozen=True, slots=True)
class Daily:
    """Due once a day at a time in Europe/London.

    On the night when that time comes twice, the first one counts; on the night when it does not
    come at all, the job is due an hour later by the clock on the wall.
    """

    at: time

    def __post_init__(self) -> None:
        if self.at.tzinfo is not None or self.at.fold:
            raise ValueError("a daily time is one in Europe/London, the first if it comes twice")

    def __str__(self) -> str:
        return f"daily at {self.at:%H:%M}"

    def first(self, now: datetime) -> datetime:
        """Return the first such time after ``now``."""
        day = now.astimezone(LONDON).date()
        today = datetime.combine(day, self.at, LONDON).astimezone(now.tzinfo)
        if today > now:
            return today
        tomorrow = datetime.combine(day + timedelta(days=1), self.at, LONDON)
        return tomorrow.astimezone(now.tzinfo)

    def following(self, due: datetime, now: datetime) -> datetime:
        """Return the first such time after ``now``."""
        return self.first(now)


@dataclass(slots=True)
class JobRun:
    """One run of a job, handed to the job."""

    session: Session
    name: str
    token: str
    lease: timedelta
    due: datetime

    def within(self, session: Session) -> JobRun:
        """Return the same run, working in another session."""
        return replace(self, session=session)

    def commit(self) -> None:
        """Commit one step of a long job, and keep the job for another lease.

        Raises:
            ClaimLost: another worker has taken over; the step is rolled back.
        """
        self._update(claimed_until=clock.now() + self.lease)
        self.session.commit()

    def finish(self, rule: Rule, result: str | None) -> None:
        """Note in the job's own transaction that it is done, and when it is due next.

        Raises:
            ClaimLost: another worker has taken over; the caller must roll back.
        """
        now = clock.now()
        self._update(
            claim_token=None,
            claimed_until=None,
            last_finished_at=now,
            last_result=result,
            last_error=None,
            runs=ScheduledJob.runs + 1,
            failures=0,
            next_due_at=rule.following(self.due, now),
        )

    def fail(self, error: Exception, policy: RetryPolicy) -> None:
        """Note that the job failed; it is due again soon.

        Raises:
            ClaimLost: another worker has it now.
        """
        now = clock.now()
        failures = self.session.scalars(
            sa.select(ScheduledJob.failures).where(ScheduledJob.name == self.name)
        ).one()
        self._update(
            claim_token=None,
            claimed_until=None,
            last_finished_at=now,
            last_error=describe(error),
            runs=ScheduledJob.runs + 1,
            failures=failures + 1,
            next_due_at=now + min(policy.wait(failures + 1), LONGEST_RETRY_WAIT),
        )

    def _update(self, **values: object) -> None:
        updated = self.session.execute(
            sa.update(ScheduledJob)
            .where(ScheduledJob.name == self.name, ScheduledJob.claim_token == self.token)
            .values(**values),
            execution_options={"synchronize_session": False},
        )
        assert isinstance(updated, sa.CursorResult)
        if updated.rowcount != 1:
            self.session.rollback()
            raise ClaimLost


Job = Callable[[JobRun], str | None]


@dataclass(frozen=True, slots=True)
class Entry:
    """A job on the schedule."""

    name: str
    rule: Interval | Daily
    job: Job
    lease: timedelta


class Schedule:
    """The jobs of an application, by name."""

    KEY = "skillbank.outbox.schedule"

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def every(
        self, name: str, when: timedelta | time, job: Job, *, lease: timedelta = LEASE
    ) -> None:
        """Run ``job`` every so often, or daily at a time in Europe/London.

        The job is handed a `JobRun`; what it returns is kept and shown by ``jobs status``. What
        it does in ``run.session`` is committed together with the note that it ran. A long job
        calls ``run.commit()`` after each step, and each step must take less than ``lease``: that
        is how long a job of a killed worker waits before another worker runs it again.

        Raises:
            ValueError: the name is taken or too long, or ``when`` is not a length of time or a
                plain time.
        """
        if not name or len(name) > 80 or name in self._entries:
            raise ValueError(f"{name!r} cannot be the name of another job")
        rule = Interval(when) if isinstance(when, timedelta) else Daily(when)
        self._entries[name] = Entry(name, rule, job, lease)

    def entry(self, name: str) -> Entry:
        """Return the job called ``name``."""
        return self._entries[name]

    def write_down(self, session: Session) -> None:
        """Give every job its row, and its new due time where the rule has changed."""
        now = clock.now()
        rows = {row.name: row for row in session.scalars(sa.select(ScheduledJob))}
        for entry in self._entries.values():
            row = rows.get(entry.name)
            if row is None:
                due = entry.rule.first(now)
                session.add(ScheduledJob(name=entry.name, rule=str(entry.rule), next_due_at=due))
            elif row.rule != str(entry.rule):
                row.rule, row.next_due_at = str(entry.rule), entry.rule.first(now)
        session.flush()

    def claim(self, session: Session) -> JobRun | None:
        """Take the job that has been due for longest; None if none is due."""
        now = clock.now()
        is_due = sa.and_(
            ScheduledJob.next_due_at <= now,
            ScheduledJob.claimed_until.is_(None) | (ScheduledJob.claimed_until <= now),
        )
        due_jobs = session.execute(
            sa.select(ScheduledJob.name, ScheduledJob.next_due_at)
            .where(is_due, ScheduledJob.name.in_(list(self._entries)))
            .order_by(ScheduledJob.next_due_at)
        ).all()
        for name, due in due_jobs:
            token, lease = uuid4().hex, self._entries[name].lease
            claimed = session.execute(
                sa.update(ScheduledJob)
                .where(ScheduledJob.name == name, is_due)
                .values(claim_token=token, claimed_until=now + lease, last_started_at=now),
                execution_options={"synchronize_session": False},
            )
            assert isinstance(claimed, sa.CursorResult)
            if claimed.rowcount == 1:
                return JobRun(session, name, token, lease, due)
        return None


def make_due(session: Session, name: str) -> None:
    """Let a job be due at once, instead of at its next time."""
    session.execute(
        sa.update(ScheduledJob).where(ScheduledJob.name == name).values(next_due_at=clock.now()),
        execution_options={"synchronize_session": False},
    )


def get_schedule(app: Flask) -> Schedule:
    """Return the schedule of ``app``; a feature's ``init_app`` adds its own jobs."""
    schedule: Schedule = app.extensions[Schedule.KEY]
    return schedule
