"""Fixtures every test may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import ENGINES, Databases, PostgresCluster
from tests.scratch import scratch_folder


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A folder for databases, of this process alone."""
    with scratch_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres(scratch: Path) -> Iterator[PostgresCluster]:
    """One real PostgreSQL server for the whole run (of this worker)."""
    cluster = PostgresCluster(scratch / "pg", durable=False)
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest, scratch: Path) -> Databases:
    """Makes databases; PostgreSQL is started when the first one on it is asked for."""
    return Databases(scratch, lambda: request.getfixturevalue("postgres"))


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """The address of an empty database, once on SQLite and once on PostgreSQL."""
    with databases.fresh(request.param) as url:
        yield url
