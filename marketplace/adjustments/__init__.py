"""Adjustments by two people: one operator proposes with evidence, another person approves."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from marketplace import outbox
from marketplace.accounts.roles import Permission
from marketplace.adjustments import holdings, presenters, views
from marketplace.adjustments.queries import count_to_decide
from marketplace.adjustments.urgent import lapse_job
from marketplace.web.navigation import Entry, navigation
from marketplace.web.tasks import TaskKind, tasks


def init_app(app: Flask) -> None:
    """Add the pages, what waits for a second person, and the job that undoes."""
    app.register_blueprint(views.blueprint)
    navigation(app).add(
        Entry(
            "Adjustments",
            "adjustments.adjustments",
            Permission.AUDIT_LEDGER,
            73,
            shown_to="network",
            waiting=count_to_decide,
            pages=("corrections.beyond_limit",),
        )
    )
    navigation(app).add(
        Entry(
            "Adjustments",
            "adjustments.own",
            Permission.VIEW_ADJUSTMENTS,
            66,
            shown_to="school",
            pages=("adjustments.own_one",),
            whole_blueprint=False,
        )
    )
    tasks(app).add(
        TaskKind(
            "adjustments",
            Permission.AUDIT_LEDGER,
            Permission.AUDIT_LEDGER,
            presenters.find_tasks,
            "adjustments.adjustments",
            shown_to="network",
        )
    )
    outbox.get_schedule(app).every("lapse_adjustments", timedelta(hours=1), lapse_job)
    holdings.init_app(app)
