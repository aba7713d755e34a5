"""Fixtures for the marketplace: an application on each database, with its tables made."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.pool import QueuePool

from ledger import schema
from marketplace import Skillbank, create_app
from marketplace.database import db
from marketplace.settings import Policy, Settings
from tests.databases import ENGINES, PostgresCluster

TEMPLATE = "marketplace_template"


@contextmanager
def running(url: str, policy: Policy | None = None) -> Iterator[Skillbank]:
    """The application on the database at ``url``; its connections are closed at the end."""
    app = create_app(
        Settings(
            database_url=url,
            secret_key="for tests only",
            production=False,
            policy=policy or Policy(),
        )
    )
    try:
        yield app
    finally:
        with app.app_context():
            pool = db.engine.pool
            left = pool.checkedout() if isinstance(pool, QueuePool) else 0
            db.engine.dispose()
    assert left == 0, f"{left} connections were not given back"


def make_tables(url: str) -> None:
    """Make every table of the marketplace and the ledger in an empty database."""
    with running(url) as app, app.app_context():
        db.create_all()
        with db.engine.begin() as connection:
            schema.install(connection)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with every table, to be copied: a copy is made in a moment."""
    path = tmp_path_factory.mktemp("template") / "made.sqlite3"
    make_tables(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresCluster) -> str:
    """A database with every table, for PostgreSQL to copy."""
    postgres.execute(f'CREATE DATABASE "{TEMPLATE}" TEMPLATE template0')
    make_tables(postgres.url(TEMPLATE))
    return TEMPLATE


@pytest.fixture(params=ENGINES)
def made_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with every table and nothing in them, on each engine."""
    if request.param == "sqlite":
        path = tmp_path / "made.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
    else:
        template = request.getfixturevalue("postgres_template")
        with request.getfixturevalue("postgres").database(template) as url:
            yield url


@pytest.fixture
def app(made_url: str) -> Iterator[Skillbank]:
    """The application on each kind of database."""
    with running(made_url) as app:
        yield app


@pytest.fixture
def client(app: Skillbank) -> FlaskClient:
    """A browser without a sign-in."""
    return app.test_client()
