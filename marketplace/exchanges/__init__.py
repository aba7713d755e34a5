"""Help agreed, given and paid for: propose, agree (hold), deliver, confirm (settle)."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.exchanges import holdings, queries, views
from marketplace.web.navigation import Entry, navigation


def init_app(app: Flask) -> None:
    """Add the pages of exchanges and their steps."""
    app.register_blueprint(views.blueprint)
    holdings.init_app(app)
    navigation(app).add(
        Entry(
            "Exchanges",
            "exchanges.ours",
            Permission.VIEW_LISTINGS,
            order=40,
            shown_to="school",
            waiting=queries.count_waiting,
        )
    )
