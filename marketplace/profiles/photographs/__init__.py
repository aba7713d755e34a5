"""The photographs on a school's page: each drawn anew, with an audience of its own."""

from __future__ import annotations

from flask import Flask

from marketplace.profiles.photographs import holdings, views


def init_app(app: Flask) -> None:
    """Add the pages of a school's photographs, and the addresses of the pictures."""
    app.register_blueprint(views.blueprint)
    holdings.init_app(app)
