"""What a person meets who starts a server or types a command of the README."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa

from marketplace import create_app, starting
from marketplace.database import db
from marketplace.engines import engine_options
from marketplace.settings import Settings
from marketplace.variables import SettingsError
from tests.marketplace.conftest import running
from tests.marketplace.test_settings import SECRET

CHECKOUT = Path(__file__).parents[2]
SERVE = (sys.executable, "-m", "gunicorn", "--config", "python:marketplace.serving", "wsgi:app")


def flask(*words: str, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Type a command in a checkout whose data are in ``folder``."""
    command = (sys.executable, "-m", "flask", "--app", "wsgi", *words)
    return start(command, folder=folder, **environ)


def start(
    command: tuple[str, ...], *, folder: Path, **environ: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"], "SKILLBANK_INSTANCE": str(folder)} | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def settings_of(url: str) -> Settings:
    return Settings(database_url=url, secret_key=SECRET, production=False)


def test_a_command_of_the_readme_finds_the_key_beside_the_data(
    sqlite_template: Path, tmp_path: Path
) -> None:
    shutil.copy(sqlite_template, tmp_path / "skillbank.sqlite3")
    result = flask("ledger", "verify", folder=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("The book is sound")
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert set(modes) >= {"secret-key", "skillbank.sqlite3"}
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize("words", [("ledger", "verify"), ("--help",), ("run",)])
def test_a_command_says_in_one_line_which_setting_is_unusable(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    result = flask(*words, folder=tmp_path, DATABASE_URL="postgresql://db/skillbank")
    assert result.returncode == 2
    assert re.fullmatch(r"Error: SECRET_KEY is not set: .*\n", result.stderr)
    assert result.stdout == ""


def test_a_server_says_in_one_line_what_is_unusable(tmp_path: Path) -> None:
    result = start(SERVE, folder=tmp_path, SKILLBANK_SMALLEST_STEP="0")
    assert result.returncode == 2
    assert re.fullmatch(r"Error: SKILLBANK_SMALLEST_STEP must be .*\n", result.stderr)
    result = start(SERVE, folder=tmp_path)
    assert result.returncode == 2
    assert result.stderr == (
        "Error: The database has no tables yet: run “flask --app wsgi db upgrade”.\n"
    )


def test_a_server_without_our_options_does_not_try_for_ever(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "gunicorn", "--no-control-socket", "wsgi:app")
    result = start((*command, "--bind", "127.0.0.1:0"), folder=tmp_path, DATABASE_URL="garbage")
    assert result.returncode == 4
    assert result.stderr.count("Error: DATABASE_URL is not an address") == 1
    assert "Traceback" not in result.stderr


def test_a_server_refuses_a_schema_that_is_missing_or_behind(database_url: str) -> None:
    settings = settings_of(database_url)
    with pytest.raises(SettingsError, match="has no tables yet: run “flask --app wsgi db upgrade"):
        starting.refuse_old_schema(settings)
    with running(database_url) as app, app.app_context():
        flask_migrate.upgrade(revision="0001")
        with pytest.raises(SettingsError, match="is behind this version: run “flask --app wsgi db"):
            starting.refuse_old_schema(settings)
        flask_migrate.upgrade()
        starting.refuse_old_schema(settings)
        # A newer version has upgraded it, and its servers come next.
        db.session.execute(sa.text("UPDATE alembic_version SET version_num = 'newer'"))
        db.session.commit()
    starting.refuse_old_schema(settings)


def test_a_server_starts_while_its_database_is_away(caplog: pytest.LogCaptureFixture) -> None:
    starting.refuse_old_schema(settings_of("postgresql+psycopg://nobody@127.0.0.1:1/none"))
    assert "cannot be reached yet" in caplog.text


def test_only_what_is_served_is_checked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command has to run on an empty database: ``db upgrade`` is one."""
    monkeypatch.setattr("os.environ", {"SKILLBANK_INSTANCE": str(tmp_path)})
    monkeypatch.setattr(
        Settings, "from_environment", lambda: settings_of(f"sqlite:///{tmp_path}/empty.sqlite3")
    )
    with pytest.raises(SystemExit) as ended:
        starting.load()
    assert ended.value.code == 4
    assert capsys.readouterr().err.startswith("Error: The database has no tables yet")
    monkeypatch.setattr(starting, "is_command", lambda: True)
    app = starting.load()
    with app.app_context():
        assert db.session.scalar(sa.text("PRAGMA busy_timeout")) == 60_000
        db.session.remove()
        db.engine.dispose()


def test_a_sqlite_file_is_private_from_the_start_and_made_so_again(tmp_path: Path) -> None:
    path = tmp_path / "made.sqlite3"
    with running(f"sqlite:///{path}"):
        assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"made.sqlite3{suffix}").touch(0o644)
    with running(f"sqlite:///{path}") as app, app.app_context():
        db.session.execute(sa.text("CREATE TABLE t (a)"))
        db.session.commit()
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
        assert modes == dict.fromkeys(
            ("made.sqlite3", "made.sqlite3-wal", "made.sqlite3-shm"), 0o600
        )
        db.session.remove()


def test_a_database_in_memory_needs_no_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with running("sqlite://") as app, app.app_context():
        assert db.session.scalar(sa.text("SELECT 1")) == 1
        db.session.remove()
    assert list(tmp_path.iterdir()) == []


def test_parameters_are_kept_out_of_the_log_in_production() -> None:
    settings = settings_of("postgresql+psycopg://db/skillbank")
    assert not engine_options(settings)["hide_parameters"]
    assert engine_options(replace(settings, production=True))["hide_parameters"]


def test_a_session_is_signed_with_sha_256_and_old_keys_still_hold(sqlite_template: Path) -> None:
    old, new = "o" * 32, "n" * 32
    settings = replace(settings_of(f"sqlite:///{sqlite_template}"), secret_key=old)
    interface = create_app(settings).session_interface
    app = create_app(settings)
    signer = interface.get_signing_serializer(app)
    cookie = signer.dumps({"a": 1})
    assert len(cookie.rpartition(".")[2]) == 43  # 32 bytes; SHA-1 has 27 characters
    rotated = create_app(replace(settings, secret_key=new, old_secret_keys=(old,)))
    assert interface.get_signing_serializer(rotated).loads(cookie) == {"a": 1}
    # What is signed now is signed with the new key only.
    fresh = interface.get_signing_serializer(rotated).dumps({"a": 2})
    with pytest.raises(Exception, match="does not match"):
        signer.loads(fresh)
