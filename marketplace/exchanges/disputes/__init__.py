"""Disputes over an exchange: both sides with words and a figure, then the operator's ruling."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.exchanges.disputes import (
    holdings,
    jobs,
    operator_views,
    presenters,
    queries,
    views,
)
from marketplace.outbox.schedule import get_schedule
from marketplace.web.navigation import Entry, navigation
from marketplace.web.tasks import TaskKind, tasks

DEADLINES_EVERY = timedelta(hours=1)

operator_views.add_to(views.blueprint)


def init_app(app: Flask) -> None:
    """Add the pages of disputes, and the job that minds their deadlines."""
    app.register_blueprint(views.blueprint)
    holdings.init_app(app)
    navigation(app).add(
        Entry(
            "Disputes",
            "disputes.queue",
            Permission.RULE_DISPUTES,
            order=71,
            shown_to="network",
            waiting=queries.count_to_decide,
        )
    )
    tasks(app).add(
        TaskKind(
            "disputes",
            Permission.AGREE_EXCHANGES,
            Permission.VIEW_LISTINGS,
            presenters.find_tasks,
            "exchanges.ours",
            {"show": "waiting"},
            is_there=queries.is_waiting,
        )
    )
    tasks(app).add(
        TaskKind(
            "rulings",
            Permission.RULE_DISPUTES,
            Permission.RULE_DISPUTES,
            presenters.find_rulings,
            "disputes.queue",
            shown_to="network",
        )
    )
    get_schedule(app).every("dispute_deadlines", DEADLINES_EVERY, jobs.pass_deadlines_job)
