"""The demo as ``make run`` serves it: its port, its processes, and where it is not loaded."""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
import flask_migrate
import psutil
import pytest
import sqlalchemy as sa

from marketplace import create_app
from marketplace.accounts.models import Person
from marketplace.database import db
from marketplace.demo.running import environment_of_demo, refuse_taken, run_together
from tests.marketplace.schools.register_files import register_zip, row, school_csv
from tests.marketplace.test_starting import flask, settings_of


def test_a_taken_port_is_refused_and_a_free_one_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(click.ClickException, match=rf"Port {port} cannot be used .*PORT=9000"):
            refuse_taken(port)
    refuse_taken(port)


def test_the_demo_says_at_once_that_its_port_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        result = flask("demo", "serve", "--port", port, folder=tmp_path)
    assert result.returncode == 1
    assert result.stdout == ""
    assert re.fullmatch(r"Error: Port \d+ cannot be used .*\n", result.stderr)


WAIT = "import time; time.sleep(60)"
STUBBORN = (
    "import pathlib, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"
)


def python(program: str, *arguments: object) -> tuple[str, ...]:
    return (sys.executable, "-c", program, *map(str, arguments))


def test_what_runs_together_ends_together(capfd: pytest.CaptureFixture[str]) -> None:
    begun = time.monotonic()
    assert run_together({"server": python(WAIT), "worker": python("raise SystemExit(3)")}) == 1
    assert time.monotonic() - begun < 20
    assert capfd.readouterr().err == (
        "The worker has ended by itself (3), so everything was ended.\n"
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all_even_what_does_not_listen(number: int, tmp_path: Path) -> None:
    deaf = tmp_path / "deaf"

    def send() -> None:
        until(deaf.exists)
        os.kill(os.getpid(), number)

    sender = threading.Thread(target=send)
    before = signal.getsignal(number)
    sender.start()
    commands = {"server": python(WAIT), "worker": python(STUBBORN, deaf)}
    assert run_together(commands, seconds_to_end=0.2) == 0
    sender.join()
    assert signal.getsignal(number) == before
    assert [
        child
        for child in psutil.Process().children(recursive=True)
        if str(deaf) in child.cmdline() or WAIT in child.cmdline()
    ] == []


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_child_is_not_taken_for_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")
    program = "import os; raise SystemExit(7 if 'FLASK_RUN_FROM_CLI' in os.environ else 8)"
    seen: list[str] = []
    monkeypatch.setattr(click, "echo", lambda text, **_more: seen.append(text))
    run_together({"server": python(program)})
    assert "(8)" in seen[0]


def test_the_demo_shows_its_emails_unless_they_are_sent() -> None:
    assert environment_of_demo({"PATH": "bin"}, 9000) == {
        "PATH": "bin",
        "SKILLBANK_URL": "http://127.0.0.1:9000",
        "SKILLBANK_MAILBOX": "1",
        "SKILLBANK_SECOND_FACTOR": "none",
    }
    ours = {"SKILLBANK_URL": "https://demo.example", "SKILLBANK_SMTP_URL": "smtp://localhost:25"}
    assert environment_of_demo(ours, 9000) == ours | {
        "SKILLBANK_MAILBOX": "0",
        "SKILLBANK_SECOND_FACTOR": "none",
    }
    strict = {"SKILLBANK_SECOND_FACTOR": "finance"}
    assert environment_of_demo(strict, 9000)["SKILLBANK_SECOND_FACTOR"] == "finance"
    assert environment_of_demo({"SKILLBANK_MAILBOX": "0"}, 9000)["SKILLBANK_MAILBOX"] == "0"


def test_the_processes_have_the_environment_that_they_are_given(
    capfd: pytest.CaptureFixture[str],
) -> None:
    program = "import os; raise SystemExit(int(os.environ['SKILLBANK_MAILBOX']))"
    environment = {**os.environ, "SKILLBANK_MAILBOX": "5"}
    run_together({"server": python(program)}, environment=environment)
    assert "(5)" in capfd.readouterr().err


def test_the_demo_is_not_loaded_into_production_by_mistake(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/live.sqlite3"
    app = create_app(replace(settings_of(url), production=True))
    with app.app_context():
        flask_migrate.upgrade()
    register = register_zip(tmp_path / "register.zip", school_csv(*map(row, range(100001, 100004))))
    run = app.test_cli_runner().invoke
    assert run(args=["schools", "import", str(register)]).exit_code == 0
    small = ["demo", "load", "--schools", "2", "--listings", "1000", "--exchanges", "1"]
    refused = run(args=small)
    assert refused.exit_code == 1
    assert "published password" in refused.output
    assert "--in-production" in refused.output
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Person)) == 0
        db.session.remove()
    loaded = run(args=[*small, "--in-production"])
    assert loaded.exit_code == 0, loaded.output
    assert "Its accounts have a published password: try skillbank" in loaded.output
    assert "of 1,000 offers and requests could be made" in loaded.output
    again = run(args=["demo", "load", "--if-empty"])
    assert (again.exit_code, again.output) == (0, "")
    with app.app_context():
        db.engine.dispose()
