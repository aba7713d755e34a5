"""A school joins: is it in already, who claims it, and the operator's queue of claims."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.claims import holdings, views
from marketplace.web.navigation import Entry, navigation


def init_app(app: Flask) -> None:
    """Add the public pages that find and claim a school, and the operator's queue."""
    holdings.init_app(app)
    app.register_blueprint(views.blueprint)
    navigation(app).add(
        Entry(
            "Claims",
            "claims.claims",
            Permission.MANAGE_NETWORK,
            75,
            shown_to="network",
        )
    )
