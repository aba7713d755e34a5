"""The job on the schedule: what is for later is queued when its time has come."""

from __future__ import annotations

from datetime import timedelta

from marketplace.mail.service import queue_due
from marketplace.outbox.schedule import JobRun, Schedule

AT_ONCE = 200


def schedule_jobs(schedule: Schedule) -> None:
    """Put the job on the schedule."""
    schedule.every("queue_due_emails", timedelta(minutes=5), queue_due_emails)


def queue_due_emails(run: JobRun) -> str:
    """Queue the e-mails whose time has come, as at the end of a person's quiet hours."""
    queued = 0
    while count := queue_due(run.session, AT_ONCE):
        queued += count
        run.commit()
    return f"{queued:,} e-mails queued."
