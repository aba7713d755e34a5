"""Headers that keep the browser strict: nothing from elsewhere, framed nowhere, not cached."""

from __future__ import annotations

from flask import Flask, Response, g, request

from marketplace.database import SAFE_METHODS

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'"
)
STRICT_TRANSPORT_SECURITY = "max-age=31536000; includeSubDomains"
"""For a year the browser comes back by HTTPS only."""
UNUSED = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture",
    "encrypted-media", "geolocation", "gyroscope", "magnetometer", "microphone", "midi",
    "payment", "picture-in-picture", "usb", "xr-spatial-tracking",
)  # fmt: skip
"""What no page uses, so that no script that gets into one can."""
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED),
}


def init_app(app: Flask) -> None:
    """Add the headers to every response of ``app``."""
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    """Load nothing from elsewhere, be framed nowhere, and keep private pages out of caches."""
    if "token" in (request.view_args or {}):
        # The address is a secret. With “no-referrer” a browser would not say that the form of the
        # page comes from this site.
        response.headers.setdefault("Referrer-Policy", "strict-origin")
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT_SECURITY)
    if _is_private(response) and not _is_asked_for_again(response):
        response.headers["Cache-Control"] = "no-store"
    return response


def _is_asked_for_again(response: Response) -> bool:
    """Whether only the reader's own browser keeps it, and asks each time whether it may show it."""
    kept = response.cache_control
    return response.status_code in (200, 304) and bool(kept.private) and bool(kept.no_cache)


def _is_private(response: Response) -> bool:
    """Whether a cache, or the button that goes back, must not show it to the next person.

    That is what a signed-in person reads, what answers a form, errors, and a page whose address
    holds a token.
    """
    return (
        g.get("current_user") is not None
        or request.method not in SAFE_METHODS
        or response.status_code >= 400
        or "token" in (request.view_args or {})
    )
