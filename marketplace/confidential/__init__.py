"""Confidential requests: schools that fit are asked without a name, and meet only if both agree.

A confidential request is a listing with that audience: its own school sees it, and nobody else, not
the network's people either, nor is it in the search index. The worker alone looks for schools that
fit (``matching``) and asks them; what they read says what is needed, never who needs it or in which
words. The two schools learn each other's names when both have agreed (``service.introduce``), and
then a conversation is open.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.confidential import holdings, matching, presenters, queries, views
from marketplace.confidential.events import HelpDeclined
from marketplace.confidential.handing_over import hand_over_asks
from marketplace.listings.events import ListingChanged, ListingPosted, ListingReopened
from marketplace.network.events import SchoolSucceeded
from marketplace.outbox import get_schedule, get_subscribers
from marketplace.web.request_log import leave_actor_out
from marketplace.web.tasks import TaskKind, tasks


def init_app(app: Flask) -> None:
    """Add the pages of confidential requests, and what the worker does for them."""
    app.register_blueprint(views.blueprint)
    # The log would say by its routes which school looks for help in secret.
    leave_actor_out(app, views.blueprint.name)
    holdings.init_app(app)
    subscribers = get_subscribers(app)
    for kind in (ListingPosted, ListingChanged, ListingReopened, HelpDeclined):
        subscribers.subscribe(kind, "confidential.ask", matching.on_request)
    subscribers.subscribe(SchoolSucceeded, "confidential.hand_over", hand_over_asks)
    get_schedule(app).every("confidential_ask_more", timedelta(hours=1), matching.ask_more_job)
    tasks(app).add(
        TaskKind(
            "in confidence",
            Permission.POST_LISTINGS,
            Permission.POST_LISTINGS,
            presenters.find_tasks,
            "confidential.ours",
            is_there=queries.is_waiting,
        )
    )
