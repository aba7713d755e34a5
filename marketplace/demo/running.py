"""``flask --app wsgi demo serve``: what ``make run`` and ``make dev`` do."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from marketplace.database import db
from marketplace.demo.commands import load_command, sign_ins_command
from marketplace.settings import CHECKOUT

HOST = "127.0.0.1"
SECONDS_TO_END = 25
FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")


@click.command("serve")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--reload", is_flag=True, help="Restart whenever the code changes.")
@click.option("--in-production", is_flag=True, help="See “demo load”.")
@click.pass_context
@with_appcontext
def serve_command(context: click.Context, port: int, reload: bool, in_production: bool) -> None:
    """Fill an empty database and serve it, to this machine only, until Ctrl-C."""
    refuse_taken(port)
    upgrade()
    context.invoke(load_command, if_empty=True, in_production=in_production)
    environment = environment_of_demo(os.environ, port)
    click.echo(f"\nSkillbank is at http://{HOST}:{port}/ – sign in as")
    context.invoke(sign_ins_command)
    if environment["SKILLBANK_SECOND_FACTOR"] == "none":
        click.echo("  No role needs a second factor here, because these sign-ins are published.")
    click.echo(f"  Passkeys can be tried at http://localhost:{port}/")
    if environment["SKILLBANK_MAILBOX"] == "1":
        click.echo(f"\nIts e-mails are at http://{HOST}:{port}/mailbox")
    click.echo()
    db.session.remove()
    db.engine.dispose()
    processes: dict[str, Sequence[str]] = {"server": _server(port, reload)}
    if "jobs" in current_app.cli.commands:
        processes["worker"] = (*FLASK, "jobs", "run")
    sys.stdout.flush()
    context.exit(run_together(processes, environment=environment))


def environment_of_demo(environ: Mapping[str, str], port: int) -> dict[str, str]:
    """Return the environment of the demo's processes: ``environ``, and what it leaves open.

    E-mails are shown in the mailbox, unless a mail server is set, and their links lead here. No
    role needs a second factor: with a published password anyone could set it up first.
    """
    ours = {
        "SKILLBANK_URL": f"http://{HOST}:{port}",
        "SKILLBANK_MAILBOX": "0" if environ.get("SKILLBANK_SMTP_URL") else "1",
        "SKILLBANK_SECOND_FACTOR": "none",
    }
    return ours | dict(environ)


def refuse_taken(port: int) -> None:
    """Refuse a port on which another program listens.

    Raises:
        click.ClickException: if it is taken, or this user may not use it.
    """
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            raise click.ClickException(
                f"Port {port} cannot be used ({error.strerror}): stop what uses it, or choose"
                " another one, as in “make run PORT=9000”."
            ) from error


def _server(port: int, reload: bool) -> tuple[str, ...]:
    if reload:
        return (*FLASK, "run", "--debug", "--host", HOST, "--port", str(port))
    config = ("--config", "python:marketplace.serving")
    return (sys.executable, "-m", "gunicorn", *config, "--bind", f"{HOST}:{port}", "wsgi:app")


def run_together(
    commands: Mapping[str, Sequence[str]],
    seconds_to_end: float = SECONDS_TO_END,
    environment: Mapping[str, str] = os.environ,
) -> int:
    """Run ``commands`` until one ends or a signal comes, then end them all; return the exit code.

    A command that does not end within ``seconds_to_end`` of SIGTERM is killed.
    """
    signals: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _frame: signals.append(number))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    # Otherwise a child process would take itself for a command of this flask.
    environment = {name: text for name, text in environment.items() if name != "FLASK_RUN_FROM_CLI"}
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            processes[name] = subprocess.Popen(command, cwd=CHECKOUT, env=environment)  # noqa: S603
        while not signals and all(process.poll() is None for process in processes.values()):
            time.sleep(0.1)
        ended = {
            name: process.returncode
            for name, process in processes.items()
            if process.returncode is not None
        }
    finally:
        _end(list(processes.values()), seconds_to_end)
        for number, handler in before.items():
            signal.signal(number, handler)
    if signals:
        return 0
    for name, code in ended.items():
        click.echo(f"The {name} has ended by itself ({code}), so everything was ended.", err=True)
    return 1


def _end(processes: Sequence[subprocess.Popen[bytes]], seconds: float) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + seconds
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
