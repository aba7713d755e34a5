"""Clients and servers killed in mid-flight: nothing acknowledged is lost, nothing done twice.

``LEDGER_CRASH_SECONDS`` says how long each load goes on (6).
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import PostgresCluster
from tests.ledger import bank

SECONDS = float(os.environ.get("LEDGER_CRASH_SECONDS", "6"))


def test_clerks_killed_at_random_and_started_again(database_url: str, tmp_path: Path) -> None:
    bank.open_bank(database_url)
    number = 4 if database_url.startswith("sqlite") else 8
    chance = random.Random(1)
    with bank.at_work(database_url, tmp_path, number, server_may_go=False) as clerks:
        end, killed = time.monotonic() + SECONDS, 0
        while time.monotonic() < end or killed < number:
            time.sleep(chance.uniform(0.05, 0.4))
            clerk = chance.choice(clerks)
            clerk.kill()
            clerk.start()
            killed += 1
    assert bank.audit(database_url, clerks) > number


@pytest.fixture
def own_cluster(scratch: Path) -> Iterator[PostgresCluster]:
    """A server that keeps what it acknowledged, as in production."""
    cluster = PostgresCluster(scratch / "killed", durable=True)
    yield cluster
    cluster.stop()


@pytest.mark.postgresql
def test_the_server_killed_in_the_middle(own_cluster: PostgresCluster, tmp_path: Path) -> None:
    with own_cluster.database() as url:
        bank.open_bank(url)
        with bank.at_work(url, tmp_path, 8, server_may_go=True) as clerks:
            for immediate in (True, False):
                time.sleep(SECONDS / 3)
                own_cluster.crash(immediate=immediate)
                own_cluster.start_again()
            time.sleep(SECONDS / 3)
        assert bank.audit(url, clerks) > len(clerks)
