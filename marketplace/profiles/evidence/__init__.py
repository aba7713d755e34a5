"""Pieces of evidence for what a school does well: awards, hub roles, inspection, results."""

from __future__ import annotations

from flask import Flask

from marketplace.profiles.evidence import holdings, views


def init_app(app: Flask) -> None:
    """Add the pages on which a school keeps its pieces of evidence."""
    app.register_blueprint(views.blueprint)
    holdings.init_app(app)
