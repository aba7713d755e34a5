"""One warm server process: the application called as a server calls it, by signed-in people."""

from __future__ import annotations

import resource
from collections.abc import Generator
from typing import Any

from flask import Flask
from werkzeug.test import EnvironBuilder

from marketplace.accounts.models import Person
from marketplace.web.sessions import NAME
from tests.marketplace.browser import Browser

ROUNDS_BEFORE = 2
"""A page is opened so often before it is timed."""


class Visitor:
    """One person's browser, or with ``None`` that of a visitor who is not signed in."""

    def __init__(self, app: Flask, person: Person | None) -> None:
        self._app = app
        self._headers: dict[str, str] = {}
        if person is not None:
            client = app.test_client()
            Browser(client).be(person)
            cookie = client.get_cookie(NAME)
            assert cookie is not None
            self._headers["Cookie"] = f"{NAME}={cookie.value}"

    def open(self, path: str) -> None:
        """Open a page, and read it to its last byte.

        Raises:
            AssertionError: it answers with anything but 200.
        """
        for _ in self.stream(path):
            pass

    def stream(self, path: str) -> Generator[bytes, None, None]:
        """Yield the pieces of the answer as the server would send them."""
        environ = EnvironBuilder(path=path, headers=self._headers).get_environ()
        statuses: list[str] = []

        def start_response(status: str, _headers: Any, _error: Any = None) -> Any:
            statuses.append(status)

        pieces = self._app.wsgi_app(environ, start_response)
        try:
            yield from pieces
        finally:
            if hasattr(pieces, "close"):
                pieces.close()
        assert statuses[0].startswith("200"), f"{path} answers {statuses[0]}"


def resident_memory() -> int:
    """Return the memory of this process now, in bytes."""
    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[1])
    return pages * resource.getpagesize()
