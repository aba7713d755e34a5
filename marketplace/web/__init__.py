"""What every page shares and that knows no domain: forms, pages of rows, errors, formats."""

from __future__ import annotations

from flask import Flask

from marketplace.web import (
    assets,
    bodies,
    client_address,
    error_pages,
    health,
    navigation,
    other_sites,
    request_log,
    security_headers,
    tasks,
)


def init_app(app: Flask) -> None:
    """Add the edge, error pages, security headers, the health check, and an empty navigation.

    The log of requests is the first to see a request and the last to see its answer.
    """
    client_address.init_app(app)
    request_log.init_app(app)
    bodies.init_app(app)
    other_sites.init_app(app)
    navigation.init_app(app)
    tasks.init_app(app)
    error_pages.init_app(app)
    security_headers.init_app(app)
    assets.init_app(app)
    health.init_app(app)
