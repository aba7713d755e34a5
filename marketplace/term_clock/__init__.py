"""The term clock: whether a school has hours to give in a half-term, and when to ask it again."""

from __future__ import annotations

from flask import Flask

from marketplace.term_clock import holdings, views


def init_app(app: Flask) -> None:
    """Add the page on which a school answers."""
    app.register_blueprint(views.blueprint)
    holdings.init_app(app)
