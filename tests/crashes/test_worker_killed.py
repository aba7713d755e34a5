"""Workers and the database are killed: each event still has exactly one effect.

``OUTBOX_CRASH_SECONDS`` says how long each load goes on (4).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
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
from tests.crashes.worker_process import SUBSCRIBERS
from tests.databases import PostgresCluster
from tests.marketplace.conftest import make_tables, running
from tests.marketplace.outbox.bells import effects, rung

SECONDS = float(os.environ.get("OUTBOX_CRASH_SECONDS", "4"))
ROOT = Path(__file__).parent.parent.parent
WORKERS = 2
ENOUGH = 60


class WorkerProcess:
    """A worker that can be killed and started again."""

    def __init__(self, url: str, log: Path) -> None:
        self._url, self._log = url, log
        self.start()

    def start(self) -> None:
        """Start it and wait until it works."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.crashes.worker_process", self._url],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n", self._log.read_text()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._end()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; its exit code."""
        self._process.send_signal(number)
        return self._end()

    def is_running(self) -> bool:
        """Whether it has not ended by itself."""
        return self._process.poll() is None

    def _end(self) -> int:
        code = self._process.wait(timeout=20)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code


@contextmanager
def workers(url: str, folder: Path) -> Iterator[list[WorkerProcess]]:
    """Some workers side by side, killed at the end if a test failed before."""
    processes: list[WorkerProcess] = []
    try:
        for number in range(WORKERS):
            processes.append(WorkerProcess(url, folder / f"worker{number}.log"))
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
        process = WorkerProcess(database_url, tmp_path / "worker.log")
        wait_until(lambda: count_effects(app) > 0)
        assert process.stop(number) == 0
        with app.app_context():
            claimed = sa.select(sa.func.count()).where(OutboxDelivery.claim_token.is_not(None))
            assert db.session.scalar(claimed) == 0
