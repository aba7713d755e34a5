"""A real browser, and the application served to it, on each database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from werkzeug.serving import make_server

from marketplace.application import Skillbank
from tests.databases import ENGINES
from tests.marketplace.conftest import make_tables, running

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass(frozen=True, slots=True)
class Site:
    """The application as it is served: where, and on which engine."""

    app: Skillbank
    origin: str
    engine: str


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A Chromium without a window; the tests are skipped where there is none."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        pytest.skip("there is no chromium on the path")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=ENGINES)
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The application, served from a thread; all tests of a module share it."""
    if request.param == "sqlite":
        path: Path = tmp_path_factory.mktemp("site") / "site.sqlite3"
        yield from _served(f"sqlite:///{path}", request.param)
    else:
        with request.getfixturevalue("postgres").database() as url:
            yield from _served(url, request.param)


def _served(url: str, engine: str) -> Iterator[Site]:
    make_tables(url)
    with running(url) as app:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Site(app, f"http://127.0.0.1:{server.server_port}", engine)
        server.shutdown()
        thread.join()
        server.server_close()
