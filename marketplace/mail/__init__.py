"""E-mail: written in the caller's transaction, sent by the worker, and what became of each.

A feature calls `marketplace.mail.service.queue_email`; the words are in `templates/email` (see
`marketplace.mail.rendering`).
"""

from __future__ import annotations

from flask import Flask

from marketplace.mail import checks, commands, holdings, jobs, queries, rendering, sending
from marketplace.outbox import get_complaints, get_schedule, get_subscribers
from marketplace.outbox.worker import worker_idle


def init_app(app: Flask) -> None:
    """Add the templates of e-mails, their sending, the job, and the commands."""
    rendering.init_app(app)
    checks.init_app(app)
    sending.init_app(app, app.extensions["skillbank.settings"])
    sending.subscribe(get_subscribers(app))
    jobs.schedule_jobs(get_schedule(app))
    get_complaints(app).add(queries.complaints)
    app.cli.add_command(commands.mail)
    holdings.init_app(app)
    worker_idle.connect(sending.close_connection, app)
