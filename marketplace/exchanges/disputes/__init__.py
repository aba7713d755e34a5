"""Disputes over an exchange: both sides with words and a figure, then the operator's ruling."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from marketplace.exchanges.disputes import holdings, jobs, views
from marketplace.outbox.schedule import get_schedule

DEADLINES_EVERY = timedelta(hours=1)


def init_app(app: Flask) -> None:
    """Add the pages of disputes, and the job that minds their deadlines."""
    app.register_blueprint(views.blueprint)
    holdings.init_app(app)
    get_schedule(app).every("dispute_deadlines", DEADLINES_EVERY, jobs.pass_deadlines_job)
