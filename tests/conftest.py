"""Fixtures every test may use."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import engines, needs
from tests.building import share_what_is_built
from tests.databases import ENGINES, Databases, PostgresCluster
from tests.scratch import scratch_folder

FOREIGN = ("SKILLBANK_", "FLASK_", "PG")
"""How names begin of what the environment may say to the product, Flask and PostgreSQL."""
FOREIGN_NAMES = {"DATABASE_URL", "SECRET_KEY", "COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR"}


def pytest_configure() -> None:
    """Let nothing of what started the tests reach them, nor the processes they start."""
    for name in list(os.environ):
        if name.startswith(FOREIGN) or name in FOREIGN_NAMES:
            del os.environ[name]
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signal.valid_signals())
    # Ignored, the one hides how a child ended, and the other lets none be ended politely.
    for number in (signal.SIGCHLD, signal.SIGTERM):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that runs the tests of pages on PostgreSQL, too."""
    parser.addoption(
        "--every-engine", action="store_true", help="Run the tests of pages on PostgreSQL, too."
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs more than SQLite and this process; leave out what need not run twice."""
    engines.leave_out(config, items)
    for item in items:
        if isinstance(item, pytest.Function):
            needs.mark(item)


@pytest.fixture(scope="session", autouse=True)
def _cheap_hashes() -> Iterator[None]:
    """Hashes of passwords that cost next to nothing: few tests are about how slow they are."""
    if "marketplace" not in sys.modules:
        yield
        return
    from argon2 import PasswordHasher

    from marketplace.accounts import passwords

    with pytest.MonkeyPatch.context() as patch:
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "HASHER", hasher)
        patch.setattr(passwords, "_NOBODYS_HASH", passwords.hash_of_nobody(hasher))
        yield


@pytest.fixture(scope="session", autouse=True)
def _cheap_applications() -> Iterator[None]:
    """Many tests build an application of their own; what it is made of is made once."""
    with pytest.MonkeyPatch.context() as patch:
        if "marketplace" in sys.modules:
            share_what_is_built(patch)
        yield


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


def pytest_collection_finish() -> None:
    """What is there now stays: the collector of garbage need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
