"""Headers that keep the browser strict: nothing from elsewhere, framed nowhere, not cached."""

from __future__ import annotations

from flask import Flask, Response, g

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'"
)


def init_app(app: Flask) -> None:
    """Add the headers to every response of ``app``."""
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    """Load nothing from elsewhere, be framed nowhere, and keep private pages out of caches."""
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if g.get("current_user") is not None:
        response.headers["Cache-Control"] = "no-store"
    return response
