"""Skillbank: schools barter their own expertise, on a ledger of time credits."""

from __future__ import annotations

from pathlib import Path

import flask
import sqlalchemy as sa
from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

from marketplace.database import db, migrate
from marketplace.people import models as _people  # noqa: F401  # the tables must be known
from marketplace.settings import Settings

MIGRATIONS = Path(__file__).parent.parent / "migrations"


class Skillbank(Flask):
    """The application; it commits once, at the edge of a successful request."""

    def dispatch_request(self) -> flask.Response:
        """Answer the request and commit what it did, or nothing.

        An exchange's new state and its credits are one fact, so no view and no service commits:
        a response below 400 commits everything, anything else rolls everything back. The commit
        stands here, not in a hook, so that a constraint that only fails at commit is handled like
        any other error.
        """
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
    )
    app.extensions["skillbank.settings"] = settings
    db.init_app(app)
    migrate.init_app(app, db, directory=str(MIGRATIONS))
    app.add_url_rule("/healthz", "healthz", healthz)
    return app


def healthz() -> ResponseReturnValue:
    """Say whether the service and its database answer (JSON, for a load balancer)."""
    try:
        db.session.execute(sa.text("SELECT 1"))
    except sa.exc.OperationalError:
        return jsonify(status="unavailable", database="unreachable"), 503
    return jsonify(status="ok", database=db.engine.dialect.name)
