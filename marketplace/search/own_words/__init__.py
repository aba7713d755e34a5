"""What the operator says of the words of the search: adds them, moves them, takes them out."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.search.own_words import holdings, keeping, views
from marketplace.web.navigation import Entry, navigation


def init_app(app: Flask) -> None:
    """Add the operator's page, and what is held on who added a word."""
    app.register_blueprint(views.blueprint)
    holdings.init_app(app)
    keeping.init_app(app)
    navigation(app).add(
        Entry(
            "Words of the search",
            "own_words.words",
            Permission.MANAGE_NETWORK,
            78,
            shown_to="network",
        )
    )
