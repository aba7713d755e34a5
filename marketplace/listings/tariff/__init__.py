"""The network's tariff: what help should cost, and what it usually costs by topic."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.listings.tariff import holdings, views
from marketplace.web.navigation import Entry, navigation


def init_app(app: Flask) -> None:
    """Add the page of the tariff, and the operator's."""
    app.register_blueprint(views.blueprint)
    holdings.init_app(app)
    navigation(app).add(
        Entry(
            "Tariff",
            "tariff.change",
            Permission.MANAGE_NETWORK,
            78,
            shown_to="network",
            pages=("tariff.tariff",),
        )
    )
