"""Telling people what needs them: kinds, recipients by permission, preferences, channels.

A *kind* says everything about one sort of notification in one place: which event it follows, who
is told by permission, in which words, how urgent it is, and how often people get it who have not
chosen (`marketplace.notifications.kinds`, `marketplace.notifications.catalogue`). One subscriber
writes a row for each person, and the e-mail of those who want it at once; digests and reminders
are jobs of the schedule.
"""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.account_sections import Section, account_sections
from marketplace.accounts.roles import Permission
from marketplace.mail.checks import get_checks
from marketplace.notifications import (
    digests,
    holdings,
    preferences,
    queries,
    reminders,
    truth,
    views,
)
from marketplace.notifications.catalogue import KINDS, kinds_of
from marketplace.notifications.service import notify, notify_all
from marketplace.outbox import get_schedule, get_subscribers
from marketplace.web.navigation import Entry, navigation

SUBSCRIBER = "notifications"
"""How the outbox names who is told of events here; it is stored with every delivery."""


def init_app(app: Flask) -> None:
    """Add the subscriber of every event that has a kind, the jobs, and the pages."""
    app.register_blueprint(views.blueprint)
    holdings.init_app(app)
    get_checks(app).add(truth.is_still_true)
    account_sections(app).add(
        Section("Notifications", "notifications.preferences", preferences.in_words, order=60)
    )
    for event in dict.fromkeys(kind.event for kind in KINDS):
        get_subscribers(app).subscribe(
            event,
            SUBSCRIBER,
            notify,
            together=None if any(one.about.superseded for one in kinds_of(event)) else notify_all,
        )
    schedule = get_schedule(app)
    schedule.every("send_reminders", reminders.REMINDER_TIME, reminders.send_reminders_job)
    schedule.every("send_digests", digests.DIGEST_TIME, digests.send_digests_job)
    navigation(app).add(
        Entry(
            "Notifications",
            "notifications.ours",
            Permission.VIEW_LISTINGS,
            order=90,
            waiting=queries.count_unread,
            waiting_word="unread",
        )
    )
