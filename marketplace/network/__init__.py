"""The operator's desk: schools join, are paused, leave, and are carried on by others."""

from __future__ import annotations

from flask import Flask

from marketplace import outbox
from marketplace.accounts.roles import Permission
from marketplace.network import (
    activity,
    commands,
    deliveries,
    holdings,
    policy_views,
    presenters,
    succession_views,
    views,
)
from marketplace.network.queries import count_waiting
from marketplace.web.navigation import Entry, navigation
from marketplace.web.tasks import TaskKind, tasks

succession_views.add_to(views.blueprint)
policy_views.add_to(views.blueprint)


def init_app(app: Flask) -> None:
    """Add the operator's pages and commands, and what follows when a school closes."""
    app.register_blueprint(views.blueprint)
    navigation(app).add(
        Entry("Schools", "network.schools", Permission.MANAGE_NETWORK, 70, shown_to="network")
    )
    navigation(app).add(
        Entry(
            "Closed schools",
            "network.successions",
            Permission.AUDIT_LEDGER,
            72,
            shown_to="network",
            waiting=lambda _actor: count_waiting(),
            pages=("network.decide", "network.approve", "network.refuse"),
            whole_blueprint=False,
        )
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
    tasks(app).add(
        TaskKind(
            "closed schools",
            Permission.MANAGE_NETWORK,
            Permission.AUDIT_LEDGER,
            presenters.find_tasks,
            "network.successions",
            shown_to="network",
        )
    )
    navigation(app).add(
        Entry(
            "Policy",
            "network.policy",
            Permission.AUDIT_LEDGER,
            79,
            shown_to="network",
            whole_blueprint=False,
        )
    )
    commands.init_app(app)
    holdings.init_app(app)
    activity.init_app(app, outbox.get_subscribers(app))
