"""A worker is killed between the mail server's “OK” and its own commit: the e-mail arrives."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import sqlalchemy as sa

from marketplace.database import db
from marketplace.mail.models import Email, EmailState
from marketplace.mail.service import queue_email
from tests.marketplace.conftest import make_tables, running
from tests.marketplace.mail.smtp_server import PostOffice

ROOT = Path(__file__).parent.parent.parent


def worker(url: str, office: PostOffice, dies: bool) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.crashes.mail_worker_process"),
            *(url, office.url, str(int(dies))),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.stdout.close()
    return process


def test_what_was_sent_and_not_committed_is_sent_again_as_the_same_email(
    database_url: str,
) -> None:
    make_tables(database_url)
    office = PostOffice()
    office.start()
    processes: list[subprocess.Popen[bytes]] = []
    try:
        with running(database_url) as app, app.app_context():
            queue_email(db.session(), template="test", to="nobody@ash.example")
            db.session.rollback()
            for number in range(3):
                queue_email(db.session(), template="test", to=f"head{number}@ash.example")
            db.session.commit()
            processes.append(worker(database_url, office, dies=True))
            assert processes[0].wait(timeout=30) == -9
            assert len(office.received) == 1
            processes.append(worker(database_url, office, dies=False))
            waiting = sa.select(sa.func.count()).where(Email.state != EmailState.SENT)
            end = time.monotonic() + 30
            while db.session.scalar(waiting):
                db.session.rollback()
                assert time.monotonic() < end, "they were not sent within half a minute"
                time.sleep(0.1)
            db.session.rollback()
            rows = db.session.scalars(sa.select(Email.message_id)).all()
            db.session.rollback()
        processes[1].terminate()
        assert processes[1].wait(timeout=20) == 0
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
                process.wait()
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
