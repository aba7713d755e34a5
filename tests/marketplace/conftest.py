"""Fixtures for the marketplace: an application on each database, with its tables made."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import make_url
from sqlalchemy.pool import QueuePool

from ledger import schema
from marketplace import create_app
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.outbox.worker import worker_idle
from marketplace.search import balance
from marketplace.search.index import keeping
from marketplace.search.own_topics import keeping as own_topics
from marketplace.search.own_words import keeping as own_words
from marketplace.setting_groups import Site
from marketplace.settings import Policy, Settings
from tests.databases import ENGINES, Databases
from tests.marketplace.sharing import SharedApps

_FOLDER = tempfile.TemporaryDirectory(prefix="skillbank-search-")


@contextmanager
def running(url: str, policy: Policy | None = None) -> Iterator[Skillbank]:
    """The application on the database at ``url``; its connections are closed at the end."""
    app = build(url, policy)
    try:
        yield app
    finally:
        left = disconnect(app)
    assert left == 0, f"{left} connections were not given back"


def build(url: str, policy: Policy | None = None) -> Skillbank:
    """The application on the database at ``url``, with settings for tests."""
    app = create_app(
        Settings(
            database_url=url,
            secret_key="for tests only",
            production=False,
            search_index=_search_index(url),
            policy=policy or Policy(),
            site=Site(url="http://localhost"),
        )
    )
    # Few tests of the worker search, and to build an index takes longer than most of them.
    worker_idle.disconnect(app.extensions[keeping.NAME].on_idle, app)
    return app


def _search_index(url: str) -> str:
    """Where the index is: beside SQLite's file, else in a folder of its own for each process."""
    return "" if url.startswith("sqlite") else f"{_FOLDER.name}/{make_url(url).database}"


def disconnect(app: Skillbank) -> int:
    """Close the application's connections; how many of them somebody had not given back.

    An index that is not beside the database goes: the next database may have the same name.
    """
    if index := app.extensions["skillbank.settings"].search_index:
        folder = Path(index)
        shutil.rmtree(folder) if folder.is_dir() else folder.unlink(missing_ok=True)
    with app.app_context():
        pool = db.engine.pool
        left = pool.checkedout() if isinstance(pool, QueuePool) else 0
        db.engine.dispose()
    return left


def make_tables(url: str) -> None:
    """Make every table of the marketplace and the ledger in an empty database."""
    with running(url) as app, app.app_context():
        db.create_all()
        with db.engine.begin() as connection:
            schema.install(connection)


@pytest.fixture(scope="session")
def sqlite_template(databases: Databases) -> Path:
    """A file with every table, to be copied: a copy is made in a moment."""
    return Path(databases.template("sqlite", make_tables))


@pytest.fixture(scope="session")
def postgres_template(databases: Databases) -> str:
    """A database with every table, for PostgreSQL to copy."""
    return databases.template("postgresql", make_tables)


@pytest.fixture(params=ENGINES)
def made_url(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """The address of a database with every table and nothing in them, on each engine."""
    with databases.fresh(request.param, make_tables, "made") as url:
        yield url


@pytest.fixture(scope="session")
def shared_apps() -> SharedApps:
    """The applications that the tests of this process share, one on each database."""
    return SharedApps(build)


@pytest.fixture
def app(made_url: str, shared_apps: SharedApps) -> Iterator[Skillbank]:
    """The application on each kind of database, as if it was just built."""
    app = shared_apps.lend(made_url)
    app.extensions[own_topics.KEY].forget()
    app.extensions[balance.KEY].forget()
    app.extensions[own_words.KEY].forget()
    yield app
    left = disconnect(app)
    shared_apps.take_back(made_url)
    assert left == 0, f"{left} connections were not given back"


@pytest.fixture
def client(app: Skillbank) -> FlaskClient:
    """A browser without a sign-in."""
    return app.test_client()
