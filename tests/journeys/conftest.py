"""A real browser, and the application served to it, on each database."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.serving import make_server

from marketplace.application import Skillbank
from tests.databases import ENGINES, Databases
from tests.marketplace.conftest import make_tables, running

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BROWSERS = ["chromium-headless-shell", "chromium", "chromium-browser"]
"""The first is the same browser without its own windows, which cost more than our pages."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # One process draws every window: starting them is much of the work.
    "--renderer-process-limit=1",
    "--process-per-site",
    "--disable-site-isolation-trials",
]


@dataclass(frozen=True, slots=True)
class WholeAnswers:
    """The application, each answer of which is read and closed before any of it is sent.

    A browser that leaves a page breaks off what it was loading. The server of werkzeug then never
    closes the answer, and the file that it was sending is left to the garbage collector, which
    warns in whichever test comes next.
    """

    application: WSGIApplication

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self.application(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            if close := getattr(answer, "close", None):
                close()


@dataclass(frozen=True, slots=True)
class Site:
    """The application as it is served: where, and on which engine."""

    app: Skillbank
    origin: str
    engine: str


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A Chromium without a window; the tests are skipped where there is none."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        pytest.skip("there is no chromium on the path")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=10_000)  # a busy machine takes its time
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=ENGINES)
def site(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Site]:
    """The application, served from a thread; all tests of a module share it."""
    with served(request.param, databases) as site:
        yield site


@contextmanager
def served(engine: str, databases: Databases) -> Iterator[Site]:
    """The application on one engine, served from a thread."""
    with databases.fresh(engine, make_tables) as url, running(url) as app:
        server = make_server("127.0.0.1", 0, WholeAnswers(app), threaded=True)
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Site(app, f"http://127.0.0.1:{server.server_port}", engine)
        server.shutdown()
        thread.join()
        server.server_close()
