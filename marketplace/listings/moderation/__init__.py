"""Reports of listings, and the operator's queue: keep, hide, restore, with reasons and a trail."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.listings.moderation import holdings, presenters, queries, views
from marketplace.web.navigation import Entry, navigation
from marketplace.web.tasks import TaskKind, tasks


def init_app(app: Flask) -> None:
    """Add the pages, and what waits for the operator."""
    app.register_blueprint(views.blueprint)
    holdings.init_app(app)
    navigation(app).add(
        Entry(
            "Reports",
            "moderation.reports",
            Permission.MANAGE_NETWORK,
            76,
            shown_to="network",
            waiting=lambda _actor: queries.count_open_reports(),
            pages=("moderation.decide",),
            whole_blueprint=False,
        )
    )
    tasks(app).add(
        TaskKind(
            "reports of listings",
            Permission.MANAGE_NETWORK,
            Permission.MANAGE_NETWORK,
            presenters.find_tasks,
            "moderation.reports",
            shown_to="network",
        )
    )
