"""Today's application on a database of the version before, and which revision that has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import upgrade

from marketplace.application import Skillbank
from marketplace.database import db, migrate
from tests.databases import ENGINES, Databases
from tests.marketplace.conftest import build, disconnect, running
from tests.marketplace.sharing import SharedApps
from tests.migrations.version_0002 import load


def load_and_upgrade(url: str) -> None:
    load(url)
    with running(url) as app, app.app_context():
        upgrade()


@pytest.fixture(scope="module")
def apps() -> SharedApps:
    """The applications that the tests of a file share, one on each database."""
    return SharedApps(build)


def application(url: str, apps: SharedApps) -> Iterator[Skillbank]:
    app = apps.lend(url)
    yield app
    left = disconnect(app)
    apps.take_back(url)
    assert left == 0, f"{left} connections were not given back"


@pytest.fixture(params=ENGINES)
def old_app(
    request: pytest.FixtureRequest, databases: Databases, apps: SharedApps
) -> Iterator[Skillbank]:
    """Today's application on the old database."""
    with databases.fresh(request.param, load, "old") as url:
        yield from application(url, apps)


@pytest.fixture(params=ENGINES)
def app(
    request: pytest.FixtureRequest, databases: Databases, apps: SharedApps
) -> Iterator[Skillbank]:
    """Today's application on the old database after its upgrade."""
    with databases.fresh(request.param, load_and_upgrade, "upgraded") as url:
        yield from application(url, apps)


def revision() -> str | None:
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    return ScriptDirectory.from_config(migrate.get_config()).get_current_head()
