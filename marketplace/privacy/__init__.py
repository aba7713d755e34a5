"""What is held on people: what of each of them, for how long, and how it is forgotten.

Each feature registers what it holds (`Holding`) and what it deletes after a time (`Rule`) in its
``init_app``. From these come the privacy notice, what a person downloads about themselves, what
happens when a person is erased, and the daily job ``retention``.
"""

from __future__ import annotations

from flask import Flask

from marketplace.outbox.models import OutboxEvent
from marketplace.outbox.pruning import KEPT_FOR
from marketplace.outbox.schedule import get_schedule
from marketplace.privacy.commands import retention
from marketplace.privacy.holdings import Holding, Holdings, Keep, get_holdings
from marketplace.privacy.retention import DAILY_AT, Retention, Rule, get_retention, run_retention

__all__ = ["Holding", "Keep", "Rule", "get_holdings", "get_retention", "init_app"]


def init_app(app: Flask) -> None:
    """Add the registers with what the outbox holds, the job, and the ``retention`` commands."""
    app.extensions[Holdings.KEY] = Holdings()
    app.extensions[Retention.KEY] = Retention()
    get_schedule(app).every("retention", DAILY_AT, run_retention)
    app.cli.add_command(retention)
    # The outbox lies below this package and deletes its events by a job of its own.
    get_holdings(app).add(
        Holding(
            "events",
            about="a note of each thing you did, in numbers, so that others can be told of it",
            column=OutboxEvent.actor_id,
            shown=(OutboxEvent.occurred_at, OutboxEvent.type),
            on_erasure=Keep("It holds numbers only, and is deleted within a month or so."),
        )
    )
    get_retention(app).add(
        Rule(
            "events",
            what="Notes of what was done, from which notifications are made",
            days=KEPT_FOR.days,
            why="A notification that failed can be tried again in that time.",
        )
    )
