"""People who sign in: their roles, the schools they act for, and who may use which view."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts import (
    access,
    account_sections,
    account_views,
    email_views,
    expired_forms,
    holdings,
    known_devices,
    link_views,
    one_time_links,
    own_sections,
    password_resets,
    refusals,
    security_views,
    views,
)
from marketplace.accounts.roles import Permission
from marketplace.accounts.second_factors import pages as second_factor_pages
from marketplace.mail.checks import get_checks
from marketplace.web.navigation import Entry, navigation

for pages in (link_views, account_views, email_views, security_views):
    pages.add_to(views.blueprint)


def init_app(app: Flask) -> None:
    """Add signing in, one's account, and the rule that every view states who may use it."""
    # Without its context processor: the page about a lost database must not query the database.
    views.login_manager.init_app(app, add_context_processor=False)
    account_sections.init_app(app)
    # Before the protection against forged posts: a signed-out form is kept, not refused.
    app.before_request(access.enforce_access)
    app.register_blueprint(views.blueprint)
    app.after_request(known_devices.set_cookie)
    second_factor_pages.init_app(app)
    expired_forms.init_app(app)
    holdings.init_app(app)
    refusals.init_app(app)
    password_resets.init_app(app)
    own_sections.init_app(app)
    get_checks(app).add_links(one_time_links.is_open)
    navigation(app).add(
        Entry(
            "Security log",
            "accounts.network_security",
            Permission.MANAGE_NETWORK,
            order=90,
            shown_to="network",
            whole_blueprint=False,
        )
    )
