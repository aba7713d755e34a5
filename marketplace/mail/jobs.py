"""The jobs on the schedule: what is for later is queued, and old texts and rows are deleted."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.mail.models import Email, EmailState, FailingAddress
from marketplace.mail.service import queue_due
from marketplace.outbox.schedule import JobRun, Schedule

TEXTS_KEPT_FOR = timedelta(days=30)
ROWS_KEPT_FOR = timedelta(days=365)
AT_ONCE = 200


def schedule_jobs(schedule: Schedule) -> None:
    """Put the jobs on the schedule."""
    schedule.every("queue_due_emails", timedelta(minutes=5), queue_due_emails)
    schedule.every("prune_emails", time(3, 45), prune_emails)


def queue_due_emails(run: JobRun) -> str:
    """Queue the e-mails whose time has come, as at the end of a person's quiet hours."""
    queued = 0
    while count := queue_due(run.session, AT_ONCE):
        queued += count
        run.commit()
    return f"{queued:,} e-mails queued."


def prune_emails(run: JobRun) -> str:
    """Delete the texts of e-mails a month after they were sent, and all of it after a year."""
    now = clock.now()
    texts = rows = 0
    while count := _delete_texts(run.session, now - TEXTS_KEPT_FOR):
        texts += count
        run.commit()
    while count := _delete_rows(run.session, now - ROWS_KEPT_FOR):
        rows += count
        run.commit()
    run.session.execute(
        sa.delete(FailingAddress).where(FailingAddress.failed_at < now - ROWS_KEPT_FOR)
    )
    return f"The texts of {texts:,} e-mails and {rows:,} whole e-mails deleted."


def _delete_texts(session: Session, before: datetime) -> int:
    old = (
        sa.select(Email.id)
        .where(
            Email.text.is_not(None),
            Email.state != EmailState.WAITING,
            sa.func.coalesce(Email.sent_at, Email.created_at) < before,
        )
        .limit(AT_ONCE)
    )
    return _count(session, sa.update(Email).where(Email.id.in_(old)).values(text=None, html=None))


def _delete_rows(session: Session, before: datetime) -> int:
    old = (
        sa.select(Email.id)
        .where(Email.created_at < before, Email.state != EmailState.WAITING)
        .limit(AT_ONCE)
    )
    return _count(session, sa.delete(Email).where(Email.id.in_(old)))


def _count(session: Session, statement: sa.Update | sa.Delete) -> int:
    result = session.execute(statement, execution_options={"synchronize_session": False})
    assert isinstance(result, sa.CursorResult)
    return result.rowcount
