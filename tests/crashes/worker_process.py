"""A worker as a process of its own.

Its subscribers write one row for each event. They take a moment, and so does what follows every
commit, so that a kill often comes in the middle and just after a commit.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import create_app
from marketplace.database import db
from marketplace.outbox.retrying import RetryPolicy
from marketplace.outbox.schedule import JobRun, get_schedule
from marketplace.outbox.subscribers import Handler, get_subscribers
from marketplace.outbox.worker import Worker, worker_idle
from marketplace.search.index import keeping
from marketplace.settings import Settings
from tests.marketplace.outbox.bells import BellRung, effects, note_effect

SUBSCRIBERS = ("diary", "post")
POLICY = RetryPolicy(
    max_tries=100,
    first_wait=timedelta(milliseconds=20),
    longest_wait=timedelta(milliseconds=200),
    lease=timedelta(seconds=1),
)


def work(url: str, ready: Callable[[], None]) -> None:
    """Work on the database at ``url`` until stopped."""
    app = create_app(Settings(database_url=url, secret_key="for tests only", production=False))
    # Nobody searches here, and each worker that starts would build the index anew.
    worker_idle.disconnect(app.extensions[keeping.NAME].on_idle, app)
    for name in SUBSCRIBERS:
        get_subscribers(app).subscribe(BellRung, name, handler(name))
    with app.app_context():
        sa.event.listen(db.session, "after_commit", lambda _session: pause())
    get_schedule(app).every("tick", timedelta(hours=1), tick, lease=timedelta(seconds=1))
    ready()
    Worker(app, POLICY).run(idle_seconds=0.05)


def pause() -> None:
    time.sleep(random.uniform(0, 0.004))


def handler(name: str) -> Handler[BellRung]:
    def handle(session: Session, event: BellRung) -> None:
        pause()
        note_effect(session, name, event)
        pause()
        if random.random() < 0.05:
            raise RuntimeError

    return handle


def tick(run: JobRun) -> None:
    """A job that takes long enough to be killed."""
    run.session.execute(effects.insert().values(subscriber="tick", event_id=0))
    time.sleep(0.3)
