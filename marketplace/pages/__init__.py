"""Pages made of several features, and the layout round every page."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.access import PUBLIC, access
from marketplace.mail.views import PAGES as MAILBOX
from marketplace.pages import layout
from marketplace.pages.views import blueprint
from marketplace.web.health import healthz


def init_app(app: Flask) -> None:
    """Add the pages, the layout, the health check, and the mailbox of a demo."""
    app.register_blueprint(blueprint)
    app.add_url_rule("/healthz", "healthz", access(PUBLIC)(healthz))
    for path, view in MAILBOX:
        app.add_url_rule(path, f"mail.{view.__name__}", access(PUBLIC)(view))
    layout.init_app(app)
