"""Style sheets, scripts and pictures: a browser asks for each once, until its content changes.

The address of a file carries a fingerprint of its content (`?v=…`), so a browser may keep what it
got for a year. An address without the fingerprint, or with that of another release, works as well
and is asked for again each time.
"""

from __future__ import annotations

import os
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request
from werkzeug.security import safe_join

ASSETS = frozenset({"static", "bootstrap.static"})
"""The endpoints of files that belong to the pages; the framework serves them to everyone."""
KEPT = "public, max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    """Add the fingerprint to the addresses, and say how long an answer may be kept."""
    app.url_defaults(add_fingerprint)
    app.after_request(let_it_be_kept)


def add_fingerprint(endpoint: str, values: dict[str, Any]) -> None:
    """Put the fingerprint of the file that an address is about into its query."""
    if endpoint in ASSETS and (fingerprint := _fingerprint(endpoint, values.get("filename", ""))):
        values["v"] = fingerprint


def let_it_be_kept(response: Response) -> Response:
    """Allow every cache to keep what was asked for by the fingerprint of its content."""
    asked = request.args.get("v") if request.endpoint in ASSETS else None
    if asked and response.status_code in (200, 304):
        filename = (request.view_args or {}).get("filename", "")
        if asked == _fingerprint(request.endpoint or "", filename):
            response.headers["Cache-Control"] = KEPT
    return response


def _fingerprint(endpoint: str, filename: str) -> str:
    """The first letters of the SHA-256 of a file; nothing where there is no such file.

    A name may come with a request, so it is joined as the framework joins it.
    """
    owner = current_app.blueprints["bootstrap"] if endpoint == "bootstrap.static" else current_app
    path = safe_join(str(owner.static_folder), filename)
    if path is None:
        return ""
    try:
        changed = os.stat(path).st_mtime_ns
    except (OSError, ValueError):
        return ""
    return _digest(path, changed)


@lru_cache(maxsize=500)
def _digest(path: str, changed: int) -> str:  # noqa: ARG001 - another time asks anew
    file = Path(path)
    return sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else ""
