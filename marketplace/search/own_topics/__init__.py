"""Topics that the operator adds, renames, moves and retires, and how every process learns of it."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.search.own_topics import holdings, keeping, views
from marketplace.web.navigation import Entry, navigation


def init_app(app: Flask) -> None:
    """Add the operator's page, what is held on who changed a topic, and what reads the topics."""
    app.register_blueprint(views.blueprint)
    holdings.init_app(app)
    keeping.init_app(app)
    navigation(app).add(
        Entry(
            "Topics",
            "own_topics.tree",
            Permission.MANAGE_NETWORK,
            77,
            shown_to="network",
            pages=("own_topics.change", "own_topics.retire"),
        )
    )
