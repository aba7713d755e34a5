"""Workers and the database are killed: each event still has exactly one effect.

``OUTBOX_CRASH_SECONDS`` says how long each load goes on (2).
"""

from __future__ import annotations

import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.outbox.models import DeliveryState, OutboxDelivery, OutboxEvent, ScheduledJob
from marketplace.outbox.service import record
from tests.crashes.processes import Killable
from tests.crashes.worker_process import SUBSCRIBERS, work
from tests.databases import PostgresCluster
from tests.marketplace.conftest import make_tables, running
from tests.marketplace.outbox.bells import effects, rung

SECONDS = float(os.environ.get("OUTBOX_CRASH_SECONDS", "2"))
WORKERS = 2
ENOUGH = 60


@contextmanager
def workers(url: str, folder: Path) -> Iterator[list[Killable]]:
    """Some workers side by side, killed at the end if a test failed before."""
    processes: list[Killable] = []
    try:
        for number in range(WORKERS):
            processes.append(Killable(work, url, log=folder / f"worker{number}.log"))
        yield processes
    finally:
        for process in processes:
            if process.is_running():
                process.kill()


class Recorder:
    """A writer of events; some of its transactions are rolled back."""

    def __init__(self, app: Skillbank) -> None:
        self._app = app
        self.committed: set[int] = set()
        self.doubtful: set[int] = set()
        """Those whose commit was not acknowledged: they may be there or not."""

    def record(self) -> None:
        with self._app.app_context():
            try:
                row = record(db.session(), rung())
                db.session.flush()
                number = row.id
                if random.random() < 0.1:
                    db.session.rollback()
                    return
                self.doubtful.add(number)
                db.session.commit()
            except sa.exc.DBAPIError:
                db.session.rollback()
                return
            self.doubtful.discard(number)
            self.committed.add(number)


def settled(app: Skillbank) -> bool:
    """Whether every event has been handled and the scheduled job has run."""
    with app.app_context():
        undone = sa.select(OutboxDelivery.id).where(OutboxDelivery.state != DeliveryState.DONE)
        undistributed = sa.select(OutboxEvent.id).where(OutboxEvent.distributed_at.is_(None))
        job = db.session.get(ScheduledJob, "tick")
        is_open = db.session.scalar(sa.select(sa.or_(undone.exists(), undistributed.exists())))
        return not is_open and job is not None and job.runs == 1


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end, "it did not come to pass within a minute"
        time.sleep(0.05)


def count_effects(app: Skillbank) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(effects)) or 0


def audit(app: Skillbank, recorder: Recorder) -> None:
    """Each event that was committed, and no other, has one effect for each subscriber."""
    with app.app_context():
        effect_counts = Counter(
            (row.subscriber, row.event_id) for row in db.session.execute(sa.select(effects))
        )
        events = set(db.session.scalars(sa.select(OutboxEvent.id)))
    assert recorder.committed <= events <= recorder.committed | recorder.doubtful
    expected = {(name, number) for name in SUBSCRIBERS for number in events}
    assert effect_counts.pop(("tick", 0)) == 1
    assert effect_counts == Counter(expected)
    assert len(events) >= ENOUGH


@contextmanager
def prepared(url: str) -> Iterator[Skillbank]:
    make_tables(url)
    with running(url) as app:
        with app.app_context(), db.engine.begin() as connection:
            effects.create(connection)
        yield app


def test_workers_killed_again_and_again(database_url: str, tmp_path: Path) -> None:
    chance = random.Random(1)
    with prepared(database_url) as app, workers(database_url, tmp_path) as processes:
        recorder, kills = Recorder(app), 0
        end = time.monotonic() + SECONDS
        next_kill = time.monotonic() + 0.3
        while time.monotonic() < end or kills < 4 or len(recorder.committed) < ENOUGH:
            recorder.record()
            time.sleep(0.01)
            if time.monotonic() > next_kill:
                process = chance.choice(processes)
                process.kill()
                process.start()
                kills += 1
                next_kill = time.monotonic() + chance.uniform(0.1, 0.5)
        wait_until(lambda: settled(app))
        audit(app, recorder)
        assert [process.stop() for process in processes] == [0] * WORKERS


@pytest.fixture
def own_cluster() -> Iterator[PostgresCluster]:
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        cluster = PostgresCluster(Path(folder) / "data")
        yield cluster
        cluster.stop()


@pytest.mark.postgresql
def test_the_database_killed_under_the_workers(
    own_cluster: PostgresCluster, tmp_path: Path
) -> None:
    with (
        own_cluster.database() as url,
        prepared(url) as app,
        workers(url, tmp_path) as processes,
    ):
        recorder = Recorder(app)

        def load(seconds: float) -> None:
            end, before = time.monotonic() + seconds, len(recorder.committed)
            while time.monotonic() < end or len(recorder.committed) < before + ENOUGH // 2:
                recorder.record()
                time.sleep(0.005)

        load(SECONDS / 4)
        own_cluster.crash(immediate=False)
        recorder.record()  # while the database is away
        own_cluster.start_again()
        load(SECONDS / 4)
        wait_until(lambda: settled(app))
        assert all(process.is_running() for process in processes)
        audit(app, recorder)
        assert [process.stop() for process in processes] == [0] * WORKERS


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_asked_to_stop_finishes_what_it_does(
    database_url: str, tmp_path: Path, number: signal.Signals
) -> None:
    with prepared(database_url) as app:
        recorder = Recorder(app)
        for _ in range(ENOUGH):
            recorder.record()
        process = Killable(work, database_url, log=tmp_path / "worker.log")
        wait_until(lambda: count_effects(app) > 0)
        assert process.stop(number) == 0
        with app.app_context():
            claimed = sa.select(sa.func.count()).where(OutboxDelivery.claim_token.is_not(None))
            assert db.session.scalar(claimed) == 0
