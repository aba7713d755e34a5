"""The page that a school writes about itself, each part with its own audience."""

from __future__ import annotations

from flask import Flask

from marketplace.profiles.parts import holdings, views


def init_app(app: Flask) -> None:
    """Add the pages on which a school writes its parts."""
    app.register_blueprint(views.blueprint)
    holdings.init_app(app)
