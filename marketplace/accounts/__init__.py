"""People who sign in: their roles, the schools they act for, and who may use which view."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts import access, expired_forms, holdings, views
from marketplace.accounts.second_factors import pages as second_factor_pages


def init_app(app: Flask) -> None:
    """Add signing in, and the rule that every view states who may use it."""
    # Without its context processor: the page about a lost database must not query the database.
    views.login_manager.init_app(app, add_context_processor=False)
    views.limiter.init_app(app)
    # Before the protection against forged posts: a signed-out form is kept, not refused.
    app.before_request(access.enforce_access)
    app.register_blueprint(views.blueprint)
    second_factor_pages.init_app(app)
    expired_forms.init_app(app)
    holdings.init_app(app)
