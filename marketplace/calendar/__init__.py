"""The school year: half-terms, term dates, INSET days and bank holidays."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.calendar import holdings, views
from marketplace.web.navigation import Entry, navigation


def init_app(app: Flask) -> None:
    """Add the pages on which schools and the operator keep term dates."""
    app.register_blueprint(views.blueprint)
    holdings.init_app(app)
    navigation(app).add(
        Entry(
            "Term dates",
            "calendar.authorities",
            Permission.MANAGE_NETWORK,
            77,
            shown_to="network",
            pages=("calendar.authority", "calendar.change_authority"),
            whole_blueprint=False,
        )
    )
