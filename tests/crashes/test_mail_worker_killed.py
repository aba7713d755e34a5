"""A worker is killed between the mail server's “OK” and its own commit: the e-mail arrives."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import sqlalchemy as sa

from marketplace.database import db
from marketplace.mail.models import Email, EmailState
from marketplace.mail.service import queue_email
from tests.crashes.mail_worker_process import work
from tests.crashes.processes import Killable
from tests.marketplace.conftest import make_tables, running
from tests.marketplace.mail.smtp_server import PostOffice


def test_what_was_sent_and_not_committed_is_sent_again_as_the_same_email(
    database_url: str, tmp_path: Path
) -> None:
    make_tables(database_url)
    office = PostOffice()
    office.start()
    processes: list[Killable] = []
    log = tmp_path / "worker.log"
    try:
        with running(database_url) as app, app.app_context():
            queue_email(db.session(), template="test", to="nobody@ash.example")
            db.session.rollback()
            for number in range(3):
                queue_email(db.session(), template="test", to=f"head{number}@ash.example")
            db.session.commit()
            processes.append(Killable(work, database_url, office.url, True, log=log))
            assert processes[0].wait() == -signal.SIGKILL
            assert len(office.received) == 1
            processes.append(Killable(work, database_url, office.url, False, log=log))
            waiting = sa.select(sa.func.count()).where(Email.state != EmailState.SENT)
            end = time.monotonic() + 30
            while db.session.scalar(waiting):
                db.session.rollback()
                assert time.monotonic() < end, "they were not sent within half a minute"
                time.sleep(0.1)
            db.session.rollback()
            rows = db.session.scalars(sa.select(Email.message_id)).all()
            db.session.rollback()
        assert processes[1].stop() == 0
    finally:
        for process in processes:
            if process.is_running():
                process.kill()
        office.stop()
    messages = [received.message["Message-ID"] for received in office.received]
    assert sorted(set(messages)) == sorted(rows)
    assert len(messages) == 4
    twice = [
        received
        for received in office.received
        if messages.count(received.message["Message-ID"]) == 2
    ]
    assert twice[0].content == twice[1].content
    assert twice[0].recipients == twice[1].recipients
