"""``flask --app wsgi jobs …``: the worker and its state."""

from __future__ import annotations

from datetime import datetime

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from marketplace import logs
from marketplace.database import db
from marketplace.outbox import queries, service
from marketplace.outbox.complaints import get_complaints
from marketplace.outbox.schedule import LONDON, get_schedule
from marketplace.outbox.worker import Worker
from marketplace.settings import current_settings

jobs = AppGroup("jobs", help="The work after a commit, and scheduled jobs.")


@jobs.command("run")
@click.option("--once", is_flag=True, help="Do the work that is due now, then end (for cron).")
def run(once: bool) -> None:
    """Tell subscribers of events and run scheduled jobs, until stopped.

    Any number of workers may run side by side. SIGTERM and Ctrl-C end it after the work in hand.
    """
    logs.configure(current_settings().log)
    worker = Worker(current_app._get_current_object())  # type: ignore[attr-defined]
    if not once:
        worker.run()
        return
    try:
        worker.run_once()
    except sa.exc.DBAPIError as error:
        raise click.ClickException(
            "The database cannot be used just now. Nothing is lost; run this again later."
        ) from error


@jobs.command("status")
def status() -> None:
    """Show what waits and what runs when; exits with 1 if a person must look at it."""
    # A session that only reads, so that it never waits for a writer.
    engine = db.engine.execution_options(read_only=True, postgresql_readonly=True)
    with Session(engine) as session:
        events = queries.outbox_status(session)
        schedule = queries.job_statuses(
            session, [entry.name for entry in get_schedule(current_app)]
        )
        of_features = get_complaints(current_app).all(session)
    click.echo(
        f"Events: {events.undistributed:,} new. Deliveries: {events.waiting:,} waiting,"
        f" {events.being_handled:,} being handled, {events.done:,} done,"
        f" {events.parked:,} parked."
    )
    for parked in events.shown:
        click.echo(
            f"  parked {parked.id}: {parked.event_type}, event {parked.event_id}, to"
            f" {parked.subscriber}, {parked.tries} tries, {parked.last_error}"
        )
    for job in schedule:
        click.echo(f"{job.name}: {_job_line(job)}")
    complaints = [*_complaints(events, schedule), *of_features]
    for complaint in complaints:
        click.echo(complaint, err=True)
    if complaints:
        raise SystemExit(1)


@jobs.command("retry")
@click.argument("delivery_id", metavar="[ID]", type=click.IntRange(1, 2**31 - 1), required=False)
@click.option("--all", "everything", is_flag=True, help="Every delivery that is parked.")
def retry(delivery_id: int | None, everything: bool) -> None:
    """Try the parked delivery ID again, from the beginning; “jobs status” shows the numbers."""
    if (delivery_id is None) != everything:
        raise click.UsageError("Say which delivery, or --all.")
    session = db.session()
    count = service.retry_parked(session, delivery_id)
    session.commit()
    if delivery_id is not None and not count:
        raise click.ClickException(f"There is no parked delivery {delivery_id}.")
    click.echo(f"{count:,} {'delivery' if count == 1 else 'deliveries'} will be tried again.")


def _complaints(events: queries.OutboxStatus, schedule: list[queries.JobStatus]) -> list[str]:
    complaints = []
    if events.parked:
        complaints.append(
            f"{events.parked:,} parked: mend the cause, then run “jobs retry ID” or “--all”."
        )
    if events.overdue:
        complaints.append(
            f"{events.overdue:,} overdue for more than a quarter of an hour:"
            " is “jobs run” running, with today's code?"
        )
    if not schedule:
        complaints.append("No worker has ever run here: start “jobs run”.")
    for job in schedule:
        if job.is_failing:
            complaints.append(f"{job.name} has failed {job.failures:,} times on end.")
        elif job.is_overdue:
            complaints.append(f"{job.name} is overdue: is “jobs run” running?")
    return complaints


def _job_line(job: queries.JobStatus) -> str:
    parts = [job.rule]
    if job.is_running:
        parts.append(f"running since {_instant(job.last_started_at)}")
    elif job.last_finished_at is not None:
        parts.append(f"last run {_instant(job.last_finished_at)}")
    parts.append(f"due {_instant(job.next_due_at)}")
    if job.last_error:
        parts.append(f"failed: {job.last_error}")
    elif job.last_result:
        parts.append(job.last_result)
    return "; ".join(parts)


def _instant(at: datetime | None) -> str:
    return f"{at.astimezone(LONDON):%-d %b %Y %H:%M}" if at else "never"
