"""A school joins: is it in already, who claims it, and the operator's queue of claims."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.claims import holdings, presenters, queries, service, views
from marketplace.claims.handing_over import hand_over_claims
from marketplace.mail.checks import get_checks
from marketplace.network.events import SchoolSucceeded
from marketplace.outbox import get_subscribers
from marketplace.web.navigation import Entry, navigation
from marketplace.web.request_rates import RequestRate
from marketplace.web.tasks import TaskKind, tasks


def init_app(app: Flask) -> None:
    """Add the public pages that find and claim a school, and the operator's queue."""
    holdings.init_app(app)
    get_checks(app).add_links(
        lambda session, token: service.claim_of_link(session, token) is not None
    )
    app.register_blueprint(views.blueprint)
    app.extensions[views.SUGGESTION_RATE] = RequestRate(views.SUGGESTIONS_A_MINUTE)
    get_subscribers(app).subscribe(SchoolSucceeded, "claims.hand_over", hand_over_claims)
    navigation(app).add(
        Entry(
            "Claims",
            "claims.claims",
            Permission.MANAGE_NETWORK,
            75,
            shown_to="network",
            waiting=queries.count_waiting,
        )
    )
    tasks(app).add(
        TaskKind(
            "claims",
            Permission.MANAGE_NETWORK,
            Permission.MANAGE_NETWORK,
            presenters.find_tasks,
            "claims.claims",
            shown_to="network",
        )
    )
