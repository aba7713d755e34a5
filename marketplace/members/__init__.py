"""A school's people: who works there in which role, and how that changes."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.mail.checks import get_checks
from marketplace.members import accepting, holdings, network_views, service, views
from marketplace.members import email_views as email_views
from marketplace.members import factor_views as factor_views
from marketplace.members import invitation_views as invitation_views
from marketplace.members.events import RolesChanged
from marketplace.outbox import get_subscribers
from marketplace.web.navigation import Entry, navigation


def init_app(app: Flask) -> None:
    """Add the pages on which people of a school, and of the network, are managed."""
    app.register_blueprint(views.blueprint)
    holdings.init_app(app)
    get_checks(app).add_links(accepting.is_open_link)
    get_subscribers(app).subscribe(
        RolesChanged, "members.tell_roles_changed", service.tell_roles_changed
    )
    navigation(app).add(
        Entry("People", "members.ours", Permission.MANAGE_MEMBERS, order=60, shown_to="school")
    )
    navigation(app).add(
        Entry(
            "Staff",
            "members.staff_of_network",
            Permission.MANAGE_NETWORK,
            78,
            shown_to="network",
            pages=network_views.NETWORK_STAFF_PAGES,
            whole_blueprint=False,
        )
    )
