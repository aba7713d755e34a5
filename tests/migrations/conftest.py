"""Today's application on a database of the version before, and which revision that has."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import upgrade

from marketplace.application import Skillbank
from marketplace.database import db, migrate
from tests.databases import ENGINES, Databases
from tests.marketplace.conftest import running
from tests.migrations.version_0002 import load


def load_and_upgrade(url: str) -> None:
    load(url)
    with running(url) as app, app.app_context():
        upgrade()


def application(
    databases: Databases, engine: str, make: Callable[[str], None]
) -> Iterator[Skillbank]:
    with databases.fresh(engine, make) as url, running(url) as app:
        yield app


@pytest.fixture(params=ENGINES)
def old_app(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Skillbank]:
    """Today's application on the old database."""
    yield from application(databases, request.param, load)


@pytest.fixture(params=ENGINES)
def app(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Skillbank]:
    """Today's application on the old database after its upgrade."""
    yield from application(databases, request.param, load_and_upgrade)


def revision() -> str | None:
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    return ScriptDirectory.from_config(migrate.get_config()).get_current_head()
