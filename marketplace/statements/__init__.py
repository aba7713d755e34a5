"""A school's credits: its statement, and single transactions."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.statements import reconcile_views, views
from marketplace.statements.transaction import views as _transaction_views  # noqa: F401
from marketplace.statements.trust import views as trust_views
from marketplace.web.navigation import Entry, navigation


def init_app(app: Flask) -> None:
    """Add the pages of a school's credits."""
    app.register_blueprint(views.blueprint)
    app.register_blueprint(reconcile_views.blueprint)
    app.register_blueprint(trust_views.blueprint)
    navigation(app).add(
        Entry(
            "Credits",
            "statements.statement",
            Permission.VIEW_STATEMENT,
            order=50,
            shown_to="school",
            pages=("reconciling.reconciliation",),
        )
    )
    navigation(app).add(
        Entry(
            "Trust",
            "trust_credits.credits",
            Permission.VIEW_TRUST_CREDITS,
            order=51,
            shown_to="school",
        )
    )
