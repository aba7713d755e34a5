"""``python -m tests.benchmarks.pages.verifying URL``: what verifying costs the pages beside it.

A gunicorn process answers the sign-in page and a statement in turns, without pause. A second
process verifies the book in short rounds, and is stopped in the rounds between. So both kinds of
rounds meet the same moods of the machine.
"""

from __future__ import annotations

import argparse
import http.client
import multiprocessing
import os
import platform
import signal
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from gunicorn.app.base import BaseApplication

from marketplace import serving
from marketplace.database import db
from marketplace.web.sessions import NAME
from tests.benchmarks.pages.subjects import choose_subjects
from tests.marketplace.browser import Browser
from tests.marketplace.conftest import build

SIGN_IN, STATEMENT = "/sign-in", "/credits?period=this-year"
NAMED = "verifying"
"""What its connections to PostgreSQL are called."""
ROUNDS_BEFORE = 2
"""So many rounds of each kind are not counted."""


@dataclass(slots=True)
class Rounds:
    """What was measured in the rounds of one kind: seconds of each page, and pages a second."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {SIGN_IN: [], STATEMENT: []})
    rates: list[float] = field(default_factory=list)


def main() -> None:
    """Time two pages with a verification beside them and without, and print the medians."""
    parser = argparse.ArgumentParser(prog="verifying", description=main.__doc__)
    parser.add_argument("url", help="the database, as sqlite:////FOLDER/FILE or postgresql://…")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=2.0, help="how long a round is")
    parser.add_argument("--at-full-speed", action="store_true", help="as the command’s option")
    arguments = parser.parse_args()
    url = arguments.url.replace("postgresql://", "postgresql+psycopg://")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    cookie = sign_in(url)
    options = ["--at-full-speed"] if arguments.at_full_speed else []
    with serve(url) as port, verify(url, options) as verifier:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        measured = {"without": Rounds(), "beside": Rounds()}
        for number in range(ROUNDS_BEFORE + arguments.rounds):
            for kind, into in measured.items():
                verifier.let_work(kind == "beside")
                one = a_round(client, cookie, arguments.seconds)
                if number >= ROUNDS_BEFORE:
                    into.rates += one.rates
                    for page, seconds in one.seconds.items():
                        into.seconds[page] += seconds
        print(
            f"The verification had {verifier.processor_seconds():.1f} s of the processor, and came"
            f" to its end {verifier.finished()} times."
        )
    print(f"\n{'':<22}{'without':>10}{'beside':>10}{'ratio':>8}")
    for label, page in (("sign-in page, ms", SIGN_IN), ("statement, ms", STATEMENT)):
        figures = [1000 * statistics.median(one.seconds[page]) for one in measured.values()]
        print(f"{label:<22}{figures[0]:>10.2f}{figures[1]:>10.2f}{figures[1] / figures[0]:>8.3f}")
    figures = [statistics.median(one.rates) for one in measured.values()]
    print(f"{'pages a second':<22}{figures[0]:>10.1f}{figures[1]:>10.1f}", end="")
    print(f"{figures[1] / figures[0]:>8.3f}")


def a_round(client: http.client.HTTPConnection, cookie: str, seconds: float) -> Rounds:
    """Open both pages in turns for some seconds."""
    done, count = Rounds(), 0
    started = time.perf_counter()
    while (begun := time.perf_counter()) < started + seconds:
        for page, headers in ((SIGN_IN, {}), (STATEMENT, {"Cookie": cookie})):
            client.request("GET", page, headers={"Host": "localhost", **headers})
            answer = client.getresponse()
            answer.read()
            assert answer.status == 200, f"{page} answers {answer.status}"
            ended = time.perf_counter()
            done.seconds[page].append(ended - begun)
            begun, count = ended, count + 1
    done.rates.append(count / (time.perf_counter() - started))
    return done


def sign_in(url: str) -> str:
    """Sign a coordinator of an average school in; return the cookie."""
    app = build(url)
    with app.app_context():
        person = choose_subjects(db.session()).average.person
        db.session.expunge_all()
        db.session.remove()
        client = app.test_client()
        Browser(client).be(person)
        db.engine.dispose()
    cookie = client.get_cookie(NAME)
    assert cookie is not None
    return f"{NAME}={cookie.value}"


class _Server(BaseApplication):
    """gunicorn with our settings and one worker."""

    def __init__(self, url: str, port: int) -> None:
        self._url, self._port = url, port
        super().__init__()

    def load_config(self) -> None:
        """Take the settings that gunicorn has in production."""
        for name in ("worker_class", "threads", "worker_connections", "keepalive"):
            self.cfg.set(name, getattr(serving, name))
        self.cfg.set("control_socket_disable", True)
        self.cfg.set("workers", 1)
        self.cfg.set("loglevel", "warning")
        self.cfg.set("bind", f"127.0.0.1:{self._port}")

    def load(self) -> Any:
        """Make the application in the worker."""
        return build(self._url)


def _serve(url: str, port: int) -> None:
    _Server(url, port).run()


@contextmanager
def serve(url: str) -> Iterator[int]:
    """Serve the application from a process of its own; yields the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(url, port))
    process.start()
    try:
        for _ in range(600):
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.join(30)


def _verify(url: str, options: list[str], times: Any, begun: Any) -> None:
    address = sa.make_url(url)
    if address.get_backend_name() == "postgresql":
        address = address.update_query_dict({"application_name": NAMED})
    app = build(address.render_as_string(hide_password=False))
    begun.set()
    while True:
        result = app.test_cli_runner().invoke(args=["ledger", "verify", *options])
        assert result.exit_code == 0, result.output
        times.value += 1


@dataclass(frozen=True, slots=True)
class Verifying:
    """A process that verifies again and again, and can be stopped for a while."""

    process: Any
    times: Any
    engine: sa.Engine
    before: float = 0.0

    def let_work(self, works: bool) -> None:
        """Let it go on, or stop it, and wait until the database has answered it."""
        assert self.process.is_alive(), "the verification broke off"
        os.kill(self.process.pid, signal.SIGCONT if works else signal.SIGSTOP)
        if works or self.engine.dialect.name != "postgresql":
            return
        with self.engine.connect() as connection:
            for _ in range(600):
                busy = connection.exec_driver_sql(
                    "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
                    f" AND application_name = '{NAMED}'"
                    " AND wait_event IS DISTINCT FROM 'ClientWrite'"
                ).scalar_one()
                connection.rollback()
                if not busy:
                    return
                time.sleep(0.1)

    def processor_seconds(self) -> float:
        """How long it has worked since it was made, on PostgreSQL without the database's part."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            user, system = file.read().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK") - self.before

    def finished(self) -> int:
        """How often the whole book has been verified."""
        return int(self.times.value)


@contextmanager
def verify(url: str, options: list[str]) -> Iterator[Verifying]:
    """Verify in a process of its own."""
    context = multiprocessing.get_context("spawn")
    times, begun = context.Value("i", 0), context.Event()
    process = context.Process(target=_verify, args=(url, options, times, begun))
    process.start()
    engine = sa.create_engine(url)
    begun.wait()
    try:
        made = Verifying(process, times, engine)
        yield replace(made, before=made.processor_seconds())
    finally:
        os.kill(process.pid or 0, signal.SIGCONT)
        process.terminate()
        process.join(30)
        engine.dispose()


if __name__ == "__main__":
    main()
