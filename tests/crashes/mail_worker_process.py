"""A worker that sends, as a process of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import timedelta

from marketplace import create_app
from marketplace.mail import sending
from marketplace.mail.models import Email
from marketplace.outbox.retrying import RetryPolicy
from marketplace.outbox.worker import Worker, worker_idle
from marketplace.search.index import keeping
from marketplace.setting_groups import MailSettings
from marketplace.settings import Settings

POLICY = RetryPolicy(max_tries=100, lease=timedelta(seconds=1))


def work(url: str, smtp_url: str, dies: bool, ready: Callable[[], None]) -> None:
    """Work on the database at ``url`` until stopped.

    One that ``dies`` is killed after the mail server has taken the first e-mail, and before that
    is committed.
    """
    if dies:
        sending.mark_sent = kill
    mail = MailSettings(smtp_url=smtp_url)
    settings = Settings(database_url=url, secret_key="for tests only", production=False, mail=mail)
    app = create_app(settings)
    # Nobody searches here, and each worker that starts would build the index anew.
    worker_idle.disconnect(app.extensions[keeping.NAME].on_idle, app)
    worker = Worker(app, POLICY)
    ready()
    worker.run(idle_seconds=0.05)


def kill(email: Email) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
