"""Enquiries between schools about a listing, and their messages."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.conversations import holdings, presenters, queries, views
from marketplace.web.navigation import Entry, navigation
from marketplace.web.tasks import TaskKind, tasks


def init_app(app: Flask) -> None:
    """Add the inbox, the page that asks about a listing, and what waits for an answer."""
    app.register_blueprint(views.blueprint)
    holdings.init_app(app)
    navigation(app).add(
        Entry(
            "Messages",
            "conversations.inbox",
            Permission.READ_MESSAGES,
            order=30,
            shown_to="school",
            waiting=queries.count_waiting,
            waiting_permission=Permission.ASK,
            pages=("pages.conversation", "exchanges.propose_in_conversation"),
        )
    )
    tasks(app).add(
        TaskKind(
            "conversations",
            Permission.ASK,
            Permission.READ_MESSAGES,
            presenters.find_tasks,
            "conversations.inbox",
        )
    )
