"""Support access: the operator reads a school's private pages for a reason, and the school sees it.

The table and what an operator may do by it are in ``accounts.support_access``.
"""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.accounts.support_access import count_open
from marketplace.support import views
from marketplace.web.navigation import Entry, navigation


def init_app(app: Flask) -> None:
    """Add the operator's page, and the one on which a school's administrators see it."""
    app.register_blueprint(views.blueprint)
    navigation(app).add(
        Entry(
            "Support",
            "support.desk",
            Permission.MANAGE_NETWORK,
            75,
            shown_to="network",
            pages=("support.begin",),
            whole_blueprint=False,
        )
    )
    navigation(app).add(
        Entry(
            "Support access",
            "support.history",
            Permission.MANAGE_MEMBERS,
            65,
            shown_to="school",
            waiting=count_open,
            whole_blueprint=False,
        )
    )
