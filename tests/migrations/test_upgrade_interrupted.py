"""An upgrade that fails, is killed or would lose something leaves the database as it was."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext, MigrationInfo
from flask_migrate import upgrade

from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.settings import CHECKOUT
from tests.migrations.conftest import newest_revision, revision
from tests.migrations.version_0002 import as_today, comparable, definitions, rows


@pytest.mark.parametrize("step", ["the first", "the last"])
def test_an_upgrade_that_fails_leaves_the_old_database(
    old_app: Skillbank, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Every step is in one transaction, so it does not matter which of them goes wrong."""

    def fail(*, step: MigrationInfo, **_rest: object) -> None:
        if step.up_revision_id == failing:
            raise OSError("the disk is full")

    with old_app.app_context():
        failing = "0003" if step == "the first" else newest_revision()
        before = rows(db.engine), definitions(db.engine)
        with monkeypatch.context() as patch:
            arguments = old_app.extensions["migrate"].configure_args
            patch.setitem(arguments, "on_version_apply", fail)
            with pytest.raises(OSError, match="the disk is full"):
                upgrade()
        assert revision() == "0002"
        assert (rows(db.engine), definitions(db.engine)) == before
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect() as connection:
                assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        upgrade()
        assert comparable(rows(db.engine)) == as_today(before[0])


def test_an_upgrade_that_would_leave_orphans_is_refused(
    old_app: Skillbank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite does not watch its foreign keys while a table is built anew."""

    def delete_parents(*, ctx: MigrationContext, **_rest: object) -> None:
        assert ctx.connection is not None
        ctx.connection.exec_driver_sql("DELETE FROM local_authority")

    with old_app.app_context():
        before = rows(db.engine), definitions(db.engine)
        arguments = old_app.extensions["migrate"].configure_args
        monkeypatch.setitem(arguments, "on_version_apply", delete_parents)
        # Flask-Migrate makes an exit of a RuntimeError.
        with pytest.raises((SystemExit, sa.exc.IntegrityError)):
            upgrade()
        assert revision() == "0002"
        assert (rows(db.engine), definitions(db.engine)) == before


DYING = """
import os, signal, sys
from flask_migrate import upgrade
from tests.marketplace.conftest import build

def die(*, step, **_rest):
    if step.up_revision_id == "0005":
        os.kill(os.getpid(), signal.SIGKILL)

app = build(sys.argv[1])
app.extensions["migrate"].configure_args["on_version_apply"] = die
with app.app_context():
    upgrade()
"""


def test_an_upgrade_that_is_killed_leaves_the_old_database(old_app: Skillbank) -> None:
    with old_app.app_context():
        before = rows(db.engine), definitions(db.engine)
        url = db.engine.url.render_as_string(hide_password=False)
        db.engine.dispose()
        process = subprocess.run([sys.executable, "-c", DYING, url], cwd=CHECKOUT, timeout=60)
        assert process.returncode == -signal.SIGKILL
        assert revision() == "0002"
        assert (rows(db.engine), definitions(db.engine)) == before
        upgrade()
        assert comparable(rows(db.engine)) == as_today(before[0])
