"""The job that prunes the outbox: events that are done with are deleted after a month."""

from __future__ import annotations

from datetime import time, timedelta

from marketplace import clock
from marketplace.outbox import service
from marketplace.outbox.schedule import JobRun, Schedule

KEPT_FOR = timedelta(days=30)
PRUNED_AT_ONCE = 500


def schedule_jobs(schedule: Schedule) -> None:
    """Put the pruning on the schedule."""
    schedule.every("prune_outbox", time(3, 30), prune_outbox)


def prune_outbox(run: JobRun) -> str:
    """Delete the events that every subscriber was done with a month ago."""
    before = clock.now() - KEPT_FOR
    deleted = 0
    while count := service.prune(run.session, before, PRUNED_AT_ONCE):
        deleted += count
        run.commit()
    return f"{deleted:,} old events deleted."
