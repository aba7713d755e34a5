"""What is held on people: what of each of them, for how long, and how it is forgotten.

Each feature registers what it holds (`Holding`) and what it deletes after a time (`Rule`) in its
``init_app``. From these come the privacy notice, what a person downloads about themselves, what
happens when a person is erased, and the daily job ``retention``.
"""

from __future__ import annotations

from flask import Flask

from marketplace.outbox.schedule import get_schedule
from marketplace.privacy.commands import retention
from marketplace.privacy.holdings import Holdings
from marketplace.privacy.retention import DAILY_AT, Retention, run_retention


def init_app(app: Flask) -> None:
    """Add two empty registers, the job, and the ``retention`` commands."""
    app.extensions[Holdings.KEY] = Holdings()
    app.extensions[Retention.KEY] = Retention()
    get_schedule(app).every("retention", DAILY_AT, run_retention)
    app.cli.add_command(retention)
