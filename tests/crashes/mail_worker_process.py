"""A worker that sends: ``python -m tests.crashes.mail_worker_process DATABASE_URL SMTP_URL DIES``.

If ``DIES`` is 1 it is killed after the mail server has taken the first e-mail, and before that is
committed.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import timedelta

from marketplace import create_app
from marketplace.mail import sending
from marketplace.mail.models import Email
from marketplace.outbox.retrying import RetryPolicy
from marketplace.outbox.worker import Worker
from marketplace.setting_groups import MailSettings
from marketplace.settings import Settings

POLICY = RetryPolicy(max_tries=100, lease=timedelta(seconds=1))


def main(url: str, smtp_url: str, dies: str) -> None:
    """Work on the database at ``url`` until stopped."""
    if dies == "1":
        sending.mark_sent = kill
    mail = MailSettings(smtp_url=smtp_url)
    settings = Settings(database_url=url, secret_key="for tests only", production=False, mail=mail)
    worker = Worker(create_app(settings), POLICY)
    print("ready", flush=True)  # noqa: T201
    worker.run(idle_seconds=0.05)


def kill(email: Email) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
