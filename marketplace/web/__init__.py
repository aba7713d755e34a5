"""What every page shares and that knows no domain: forms, pages of rows, errors, formats."""

from __future__ import annotations

from flask import Flask

from marketplace.web import error_pages, health, navigation, security_headers


def init_app(app: Flask) -> None:
    """Add error pages, security headers, the health check, and an empty navigation."""
    navigation.init_app(app)
    error_pages.init_app(app)
    security_headers.init_app(app)
    health.init_app(app)
