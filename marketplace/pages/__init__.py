"""Pages made of several features, and the layout round every page."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.access import PUBLIC, access
from marketplace.pages import layout
from marketplace.pages.views import blueprint
from marketplace.web.health import healthz


def init_app(app: Flask) -> None:
    """Add the pages, the layout, and the health check."""
    app.register_blueprint(blueprint)
    app.add_url_rule("/healthz", "healthz", access(PUBLIC)(healthz))
    layout.init_app(app)
