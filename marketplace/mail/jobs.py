"""The job on the schedule: what is for later, or was kept, is queued when its time has come."""

from __future__ import annotations

from datetime import timedelta

from marketplace.mail.service import queue_due, queue_kept
from marketplace.outbox.schedule import JobRun, Schedule
from marketplace.settings import current_settings

AT_ONCE = 200


def schedule_jobs(schedule: Schedule) -> None:
    """Put the job on the schedule."""
    schedule.every("queue_due_emails", timedelta(minutes=5), queue_due_emails)


def queue_due_emails(run: JobRun) -> str:
    """Queue the e-mails whose time has come: quiet hours are over, or a mail server is set."""
    queued = 0
    while count := queue_due(run.session, AT_ONCE):
        queued += count
        run.commit()
    too_old = 0
    while current_settings().mail.server is not None:
        fresh, old = queue_kept(run.session, AT_ONCE)
        if not fresh and not old:
            break
        queued, too_old = queued + fresh, too_old + old
        run.commit()
    if too_old:
        return f"{queued:,} e-mails queued; {too_old:,} were too old."
    return f"{queued:,} e-mails queued."
