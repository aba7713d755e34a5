"""A database that another process has locked, or that is down: an answer within seconds."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from marketplace import create_app
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.settings import Settings
from tests.databases import PostgresCluster
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.conftest import make_tables
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school
from tests.marketplace.test_settings import SECRET

AWAY = "The database cannot be reached just now"
HOLD_SQLITE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""
QUICK = Settings(database_url="", secret_key=SECRET, production=False, database_wait=0.5)


@contextmanager
def serving(settings: Settings) -> Iterator[Skillbank]:
    app = create_app(settings)
    yield app
    with app.app_context():
        db.engine.dispose()


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Another program holds the lock that writing needs."""
    address = sa.make_url(url)
    if address.get_backend_name() == "sqlite":
        with subprocess.Popen(
            [sys.executable, "-c", HOLD_SQLITE, str(address.database)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"locked\n"
            yield
            holder.communicate(b"")
    else:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.execute(sa.text("LOCK TABLE message IN EXCLUSIVE MODE"))
            yield


def test_a_locked_database_answers_within_seconds_and_keeps_the_form(made_url: str) -> None:
    with serving(replace(QUICK, database_url=made_url)) as app:
        with saved(app):
            giver, taker = actor_for(joined_school()), actor_for(joined_school())
            listing_id = posted(giver).id
        browser = Browser(app.test_client()).be(taker).get(f"/listings/{listing_id}/ask")
        values = browser.values("Send") | {"body": ["Would Tuesday do?"]}
        with locked(made_url):
            begun = time.monotonic()
            browser.post(f"/listings/{listing_id}/ask", values)
            taken = time.monotonic() - begun
            assert (browser.status, browser.heading) == (503, AWAY)
            assert 0.4 < taken < 3
            assert browser.values("Try again")["body"] == ["Would Tuesday do?"]
            assert browser.answer.headers["Content-Security-Policy"]
        browser.submit("Try again")
        assert (browser.status, "Would Tuesday do?" in browser.text) == (200, True)


@pytest.mark.postgresql
def test_a_statement_that_takes_too_long_is_ended_for_requests_only(
    postgres: PostgresCluster,
) -> None:
    slow = sa.text("SELECT pg_sleep(0.5)")
    with postgres.database() as url:
        settings = replace(QUICK, database_url=url, statement_limit=0.1)
        with serving(settings) as app, app.app_context():
            with pytest.raises(sa.exc.OperationalError, match="statement timeout"):
                db.session.execute(slow)
            db.session.remove()
        with serving(settings.for_commands()) as app, app.app_context():
            db.session.execute(slow)
            assert db.session.scalar(sa.text("SHOW lock_timeout")) == "1min"
            db.session.remove()


@pytest.mark.postgresql
def test_options_in_the_address_stay_and_count_last(postgres: PostgresCluster) -> None:
    with postgres.database() as url:
        address = sa.make_url(url).update_query_dict(
            {"options": "-c lock_timeout=9000 -c work_mem=5MB"}
        )
        text = address.render_as_string(hide_password=False)
        with serving(replace(QUICK, database_url=text)) as app, app.app_context():
            assert db.session.scalar(sa.text("SHOW lock_timeout")) == "9s"
            assert db.session.scalar(sa.text("SHOW work_mem")) == "5MB"
            assert db.session.scalar(sa.text("SHOW statement_timeout")) == "30s"
            db.session.remove()


@pytest.mark.postgresql
def test_a_server_that_is_down_answers_within_seconds_and_is_used_again() -> None:
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        cluster = PostgresCluster(Path(folder) / "data")
        try:
            with cluster.database() as url, serving(replace(QUICK, database_url=url)) as app:
                make_tables(url)
                with saved(app):
                    person = actor_for(joined_school())
                browser = Browser(app.test_client()).be(person).get("/home")
                assert browser.status == 200
                cluster.crash(immediate=True)
                for path in ("/home", "/exchanges", "/"):
                    begun = time.monotonic()
                    browser.get(path)
                    assert (browser.status, browser.heading) == (503, AWAY), path
                    assert time.monotonic() - begun < 5
                cluster.start_again()
                assert browser.get("/home").status == 200
        finally:
            cluster.stop()
