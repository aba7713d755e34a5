"""Skillbank: schools barter their own expertise, on a ledger of time credits."""

from __future__ import annotations

from pathlib import Path

import flask
import sqlalchemy as sa
from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.routing import IntegerConverter, Map

from ledger import sqlite
from marketplace import cli, edge, frame, outbox
from marketplace.conversations.views import conversations
from marketplace.database import SAFE_METHODS, db, migrate
from marketplace.discovery.views import discovery
from marketplace.exchanges import threads as _threads  # noqa: F401  # its views must be known
from marketplace.exchanges.views import exchanges
from marketplace.finance import book as _book  # noqa: F401  # its views must be known
from marketplace.finance.upkeep import schedule_jobs
from marketplace.finance.views import finance
from marketplace.front import front, healthz
from marketplace.home import home
from marketplace.listings.views import listings
from marketplace.network.views import network
from marketplace.people.access import keep_rules
from marketplace.people.managing import colleagues
from marketplace.people.views import limiter, login_manager, people
from marketplace.settings import Settings

MIGRATIONS = Path(__file__).parent.parent / "migrations"


class RowNumber(IntegerConverter):
    """A number in an address that can be the number of a row; any other one is an unknown page."""

    def __init__(self, map: Map, *, max: int = 2**31 - 1) -> None:
        super().__init__(map, max=max)


class Skillbank(Flask):
    """The application; it commits once, at the edge of a successful request."""

    def dispatch_request(self) -> flask.Response:
        """Answer the request and commit what it did, or nothing.

        An exchange's new state and its credits are one fact, so no view and no service commits:
        a response below 400 commits everything, anything else rolls everything back. The commit
        stands here, not in a hook, so that a constraint that only fails at commit is handled like
        any other error.

        Of two identical posts at the same instant the later one breaks a unique constraint when
        the first has committed; asked again, it finds what the first has made.
        """
        try:
            return self._answer()
        except sa.exc.IntegrityError:
            db.session.rollback()
            if flask.request.method in SAFE_METHODS:
                raise
            return self._answer()

    def _answer(self) -> flask.Response:
        response = self.make_response(super().dispatch_request())
        if response.status_code < 400:
            db.session.commit()
        else:
            db.session.rollback()
        return response


def create_app(settings: Settings | None = None) -> Skillbank:
    """Build the application from ``settings`` (the environment's, if none are given).

    Raises:
        SettingsError: if the environment lacks something a start needs.
    """
    settings = settings or Settings.from_environment()
    app = Skillbank(__name__, template_folder="../templates", static_folder="../static")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": settings.production},
        PERMANENT_SESSION_LIFETIME=settings.session_lifetime,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.production,
        BOOTSTRAP_SERVE_LOCAL=True,
        # A form stays good as long as its session: nobody loses what they typed over a lunch.
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=256 * 1024,
    )
    app.jinja_env.undefined = StrictUndefined
    app.url_map.converters["int"] = RowNumber
    app.extensions["skillbank.settings"] = settings
    db.init_app(app)
    migrate.init_app(app, db, directory=str(MIGRATIONS))
    Bootstrap5(app)
    login_manager.init_app(app)
    limiter.init_app(app)
    # Before the protection against forged posts: a signed-out form is kept, not refused.
    app.before_request(keep_rules)
    CSRFProtect(app)
    for blueprint in (
        people,
        colleagues,
        discovery,
        listings,
        conversations,
        exchanges,
        finance,
        network,
    ):
        app.register_blueprint(blueprint)
    app.add_url_rule("/", "front", front)
    app.add_url_rule("/home", "home", home)
    app.add_url_rule("/healthz", "healthz", healthz)
    edge.init_app(app)
    frame.init_app(app)
    cli.init_app(app)
    outbox.init_app(app)
    schedule_jobs(outbox.get_schedule(app))
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            sqlite.configure(db.engine)
    return app
