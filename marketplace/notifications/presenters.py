"""Notifications as the templates show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from marketplace.notifications.queries import Told


@dataclass(frozen=True, slots=True)
class NotificationRow:
    """One notification in the list."""

    title: str
    school_name: str
    created_at: datetime
    unread: bool
    url: str


def notification_row(told: Told) -> NotificationRow:
    """Return a notification as its row."""
    return NotificationRow(
        title=told.title,
        school_name=told.notice.school_name,
        created_at=told.notification.created_at,
        unread=told.notification.read_at is None,
        url=url_for("notifications.follow", notification_id=told.notification.id),
    )
