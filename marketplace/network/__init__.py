"""The operator's desk: schools join, and are frozen when they close."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.network import commands, deliveries, views
from marketplace.web.navigation import Entry, navigation


def init_app(app: Flask) -> None:
    """Add the operator's pages and commands."""
    app.register_blueprint(views.blueprint)
    navigation(app).add(
        Entry("Schools", "network.schools", Permission.MANAGE_NETWORK, 70, shown_to="network")
    )
    navigation(app).add(
        Entry(
            "E-mails",
            deliveries.ENDPOINT,
            Permission.MANAGE_NETWORK,
            75,
            shown_to="network",
            whole_blueprint=False,
        )
    )
    commands.init_app(app)
