"""Reviews: both schools say how an exchange was, neither reads the other's first."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.exchanges.reviews import holdings, presenters, queries, service, views
from marketplace.outbox.schedule import get_schedule
from marketplace.web.navigation import Entry, navigation
from marketplace.web.tasks import TaskKind, tasks


def init_app(app: Flask) -> None:
    """Add the pages, the job that shows what is due, and what waits for whom."""
    app.register_blueprint(views.blueprint)
    holdings.init_app(app)
    get_schedule(app).every("show_reviews", timedelta(hours=1), service.show_reviews_job)
    tasks(app).add(
        TaskKind(
            "reviews",
            Permission.AGREE_EXCHANGES,
            Permission.AGREE_EXCHANGES,
            presenters.find_tasks,
            "exchanges.ours",
            {"show": "done"},
            is_there=queries.are_there_any,
        )
    )
    navigation(app).add(
        Entry(
            "Reported reviews",
            "reviews.reports",
            Permission.MANAGE_NETWORK,
            77,
            shown_to="network",
            waiting=lambda _actor: queries.count_open_reports(),
            pages=("reviews.decide",),
            whole_blueprint=False,
        )
    )
