"""Reports as tasks of the operator, and their reasons in words."""

from __future__ import annotations

from flask import url_for
from sqlalchemy.orm import Session

from marketplace.listings.moderation.forms import REASON_LABELS
from marketplace.listings.moderation.models import ReportReason
from marketplace.listings.moderation.queries import first_reported
from marketplace.web.navigation import ActorLike
from marketplace.web.tasks import Task, TaskList


def reason_label(value: str) -> str:
    """Return the reason of a report in words."""
    return REASON_LABELS[ReportReason(value)]


def find_tasks(session: Session, _actor: ActorLike, limit: int) -> TaskList:
    """Return the reported listings about which somebody has to decide, the oldest first."""
    rows = first_reported(session, limit)
    tasks = [
        Task(
            title=title,
            about=f"of {school_name} was reported: {reason_label(reason).lower()}",
            action="Look at it",
            url=url_for("moderation.decide", listing_id=listing_id),
            since=since,
        )
        for listing_id, title, school_name, reason, since, _count in rows
    ]
    return TaskList(tasks, rows[0][5] if rows else 0)
