"""Help agreed, given and paid for: propose, agree (hold), deliver, confirm (settle); disputes."""

from __future__ import annotations

from datetime import time, timedelta

from flask import Flask

from marketplace.accounts.roles import Permission
from marketplace.exchanges import (
    costs,
    disputes,
    holdings,
    lapsing,
    presenters,
    queries,
    reviews,
    usual_hours,
    views,
)
from marketplace.exchanges import proposal_views as _proposal_views  # noqa: F401
from marketplace.exchanges.corrections import jobs as correction_jobs
from marketplace.exchanges.corrections import presenters as correction_presenters
from marketplace.exchanges.corrections import views as corrections
from marketplace.exchanges.frozen import presenters as frozen_presenters
from marketplace.exchanges.frozen import views as frozen
from marketplace.exchanges.same_person import views as same_person
from marketplace.exchanges.within_trust import views as within_trust
from marketplace.exchanges.within_trust.beside_search import help_in_our_trust_is_free
from marketplace.outbox import get_schedule
from marketplace.web.navigation import Entry, navigation
from marketplace.web.tasks import TaskKind, tasks


def init_app(app: Flask) -> None:
    """Add the pages of exchanges, their steps, and what waits for the school."""
    app.register_blueprint(views.blueprint)
    app.register_blueprint(same_person.blueprint)
    app.register_blueprint(within_trust.blueprint)
    app.register_blueprint(corrections.blueprint)
    app.register_blueprint(frozen.blueprint)
    app.jinja_env.filters.update(costs.FILTERS)
    app.add_template_global(help_in_our_trust_is_free)
    holdings.init_app(app)
    disputes.init_app(app)
    reviews.init_app(app)
    get_schedule(app).every("usual_hours", time(2, 0), usual_hours.usual_hours_job)
    get_schedule(app).every("lapse_exchanges", timedelta(hours=1), lapsing.lapse_exchanges_job)
    get_schedule(app).every(
        "dispute_unanswered", timedelta(hours=1), correction_jobs.dispute_unanswered_job
    )
    navigation(app).add(
        Entry(
            "Exchanges",
            "exchanges.ours",
            Permission.VIEW_LISTINGS,
            order=40,
            shown_to="school",
            waiting=queries.count_waiting,
            waiting_permission=Permission.AGREE_EXCHANGES,
        )
    )
    navigation(app).add(
        Entry(
            "Frozen payments",
            "frozen.waiting",
            Permission.MANAGE_NETWORK,
            order=67,
            shown_to="network",
        )
    )
    navigation(app).add(
        Entry(
            "Same person",
            "same_person.report",
            Permission.AUDIT_LEDGER,
            order=66,
            shown_to="network",
        )
    )
    tasks(app).add(
        TaskKind(
            "exchanges",
            Permission.AGREE_EXCHANGES,
            Permission.VIEW_LISTINGS,
            presenters.find_tasks,
            "exchanges.ours",
            {"show": queries.Show.WAITING},
        )
    )
    tasks(app).add(
        TaskKind(
            "corrections beyond a limit",
            Permission.MANAGE_NETWORK,
            Permission.MANAGE_NETWORK,
            correction_presenters.find_tasks,
            "corrections.beyond_limit",
            shown_to="network",
        )
    )
    tasks(app).add(
        TaskKind(
            "payments with frozen accounts",
            Permission.MANAGE_NETWORK,
            Permission.MANAGE_NETWORK,
            frozen_presenters.find_tasks,
            "frozen.waiting",
            shown_to="network",
        )
    )
