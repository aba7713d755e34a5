"""The marketplace behind PgBouncer in transaction mode."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from marketplace.application import Skillbank
from marketplace.database import db
from tests.databases import Databases
from tests.ledger.test_pgbouncer import CONFIGURATION, PGBOUNCER
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.conftest import make_tables, running
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

VISITS = 8  # psycopg prepares what it executes for the sixth time
BROWSERS = 4


@pytest.fixture
def direct(databases: Databases) -> Iterator[sa.URL]:
    """The address of a PostgreSQL database with every table, without a pooler."""
    with databases.fresh("postgresql", make_tables, "made") as url:
        yield sa.make_url(url)


@contextmanager
def pooler(direct: sa.URL) -> Iterator[sa.URL]:
    """The address of the same database behind a pooler with fewer connections."""
    assert PGBOUNCER is not None
    server = Path(str(direct.query["host"]))
    owner = server.stat()  # PgBouncer refuses to run as root, and only the owner gets in there
    folder = server.parent / f"{server.name}_{direct.database}"
    folder.mkdir()
    os.chown(folder, owner.st_uid, owner.st_gid)
    file = folder / "pgbouncer.ini"
    text = CONFIGURATION.format(server=server, user=direct.username, folder=folder)
    file.write_text(f"{text}ignore_startup_parameters = options\n")
    as_root = os.geteuid() == 0
    process = subprocess.Popen(
        [PGBOUNCER, "--quiet", str(file)],
        user=owner.st_uid if as_root else None,
        group=owner.st_gid if as_root else None,
        extra_groups=[] if as_root else None,
    )
    try:
        for _ in range(100):
            if list(folder.glob(".s.PGSQL.*")):
                break
            time.sleep(0.05)
        yield direct.update_query_dict({"host": str(folder), "port": "6432"})
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder)


def prepares(app: Skillbank) -> bool:
    """Whether the driver prepares statements on a connection of the application."""
    with app.app_context(), db.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        return driver.prepare_threshold is not None


def test_statements_are_prepared_without_a_pooler(direct: sa.URL) -> None:
    with running(direct.render_as_string(hide_password=False)) as app:
        assert prepares(app)


@pytest.mark.skipif(
    PGBOUNCER is None, reason="PgBouncer is not installed (apt-get install pgbouncer)"
)
def test_behind_a_pooler_none_are_prepared_and_pages_work(direct: sa.URL) -> None:
    with (
        pooler(direct) as address,
        running(address.render_as_string(hide_password=False)) as app,
    ):
        assert not prepares(app)
        with saved(app):
            actor = actor_for(joined_school())
        with app.app_context():
            db.engine.dispose()  # so that no connection has been looked at by the ledger
        browsers = [Browser(app.test_client()).be(actor) for _ in range(BROWSERS)]
        for _ in range(VISITS):
            assert [browser.get("/messages").status for browser in browsers] == [200] * BROWSERS
