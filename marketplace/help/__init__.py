"""Help pages for schools, and what a public body must publish: privacy, accessibility, terms."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Add the pages."""
