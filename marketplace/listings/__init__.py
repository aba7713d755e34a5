"""Offers and requests: what schools can give, what they need, and who may see it."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.listings import holdings, views
from marketplace.web.navigation import Entry, navigation


def init_app(app: Flask) -> None:
    """Add the pages of a school's own listings."""
    app.register_blueprint(views.blueprint)
    holdings.init_app(app)
    navigation(app).add(
        Entry(
            "Our listings",
            "listings.ours",
            Permission.VIEW_LISTINGS,
            20,
            pages=("matching.who_fits",),
            shown_to="school",
        )
    )
