"""How gunicorn serves: ``gunicorn --config python:marketplace.serving wsgi:app``.

Every option of gunicorn can still be set on its command line or in ``GUNICORN_CMD_ARGS``.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from marketplace import logs
from marketplace.receiving import ReceivingWorker
from marketplace.settings import Settings, SettingsError
from marketplace.starting import REFUSED, refuse_old_schema

worker_class = ReceivingWorker
workers = int(os.environ.get("WEB_CONCURRENCY", 2))
threads = 8
worker_connections = 512
"""Connections of a worker, idle ones and slow senders included, none of which hold a thread."""
keepalive = 5
graceful_timeout = 20
"""Seconds in which requests may end after a SIGTERM."""
loglevel = "warning"
secure_scheme_headers: dict[str, str] = {}
"""None: what a proxy says is believed as SKILLBANK_TRUSTED_PROXIES has it, and nowhere else."""
control_socket_disable = True  # it would be one file in the home folder for all servers there


def on_starting(_arbiter: Any) -> None:
    """End with one line if a setting is unusable or the schema is behind."""
    try:
        settings = Settings.from_environment()
        logs.configure(settings.log)
        refuse_old_schema(settings)
    except SettingsError as error:
        print(f"Error: {error}", file=sys.stderr, flush=True)  # noqa: T201
        sys.exit(REFUSED)
