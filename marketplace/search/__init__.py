"""Finding help: the search criteria, the search itself, and the search page."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.search import views
from marketplace.web.navigation import Entry, navigation


def init_app(app: Flask) -> None:
    """Add the search page."""
    app.register_blueprint(views.blueprint)
    navigation(app).add(
        Entry(
            "Find help",
            "search.find",
            Permission.VIEW_LISTINGS,
            order=10,
            pages=("pages.listing", "pages.school"),
        )
    )
