"""What notifications hold on people, and for how long."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from marketplace.notifications.models import (
    Notification,
    NotificationDigest,
    NotificationPreference,
    QuietHours,
    Reminder,
)
from marketplace.privacy.holdings import Delete, Holding, get_holdings
from marketplace.privacy.retention import Rule, get_retention

NOTIFICATION_DAYS = 365
"""How long a notification stays in the list: it leads to what happened in the last school year."""


def init_app(app: Flask) -> None:
    """Register them."""
    holdings = get_holdings(app)
    holdings.add(
        Holding(
            "notifications",
            about="what you were told of, and when you opened it",
            column=Notification.person_id,
            shown=(
                Notification.created_at,
                Notification.kind,
                Notification.school_urn,
                Notification.read_at,
            ),
            on_erasure=Delete(),
        )
    )
    holdings.add(
        Holding(
            "summaries",
            about="on which days you were sent a summary",
            column=NotificationDigest.person_id,
            shown=(NotificationDigest.day, NotificationDigest.notifications),
            on_erasure=Delete(),
        )
    )
    holdings.add(
        Holding(
            "choice of e-mails",
            about="how often you want which e-mails",
            column=NotificationPreference.person_id,
            shown=(NotificationPreference.kind, NotificationPreference.frequency),
            on_erasure=Delete(),
        )
    )
    holdings.add(
        Holding(
            "quiet hours",
            about="the hours in which you want no e-mail",
            column=QuietHours.person_id,
            shown=(QuietHours.begins, QuietHours.ends),
            on_erasure=Delete(),
        )
    )
    get_retention(app).add(
        Rule(
            "notifications",
            what="Notifications, after they were written",
            days=NOTIFICATION_DAYS,
            why="The list leads to what happened in the last school year; what happened stays in"
            " its own place.",
            purge=delete_old,
        )
    )


def delete_old(session: Session, before: datetime) -> int:
    """Delete notifications, digests and reminders from before ``before``; return how many."""
    deleted = 0
    for model, instant in (
        (Notification, Notification.created_at),
        (NotificationDigest, NotificationDigest.made_at),
        (Reminder, Reminder.made_at),
    ):
        result = session.execute(
            sa.delete(model).where(instant < before),
            execution_options={"synchronize_session": False},
        )
        assert isinstance(result, sa.CursorResult)
        deleted += result.rowcount
    return deleted
