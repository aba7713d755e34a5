"""Skillbank: schools barter their own expertise, on a ledger of time credits."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined

from marketplace import database, engines, outbox, privacy, web
from marketplace.application import RowNumber, Skillbank
from marketplace.features import FEATURES
from marketplace.settings import Settings
from marketplace.web.sessions import SignedSessions

__all__ = ["Skillbank", "create_app"]

HOME = Path(__file__).parent.parent
MIGRATIONS = HOME / "migrations"


def create_app(settings: Settings | None = None) -> Skillbank:
    """Build the application from ``settings`` (the environment's, if none are given).

    Raises:
        SettingsError: if the environment lacks something a start needs.
    """
    settings = settings or Settings.from_environment()
    app = Skillbank(
        __name__, template_folder=str(HOME / "templates"), static_folder=str(HOME / "static")
    )
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.old_secret_keys),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engines.engine_options(settings),
        PERMANENT_SESSION_LIFETIME=timedelta(minutes=settings.sign_in.longest_minutes),
        SESSION_COOKIE_SAMESITE="Lax",
        # The server ends sessions (accounts.sessions); the cookie lasts as long as any of them may.
        SESSION_REFRESH_EACH_REQUEST=False,
        BOOTSTRAP_SERVE_LOCAL=True,
        # A form is valid as long as its session, so a lunch break does not lose what was typed.
        WTF_CSRF_TIME_LIMIT=None,
        # The library asks for a Referer on HTTPS, which privacy proxies take out: web.origins.
        WTF_CSRF_SSL_STRICT=False,
        MAX_CONTENT_LENGTH=256 * 1024,
    )
    app.session_interface = SignedSessions()
    app.jinja_env.undefined = StrictUndefined
    app.url_map.converters["int"] = RowNumber
    app.extensions["skillbank.settings"] = settings
    database.init_app(app, migrations=MIGRATIONS)
    with app.app_context():
        engines.set_up(database.db.engine, settings)
    Bootstrap5(app)
    web.init_app(app)
    outbox.init_app(app)
    privacy.init_app(app)
    for init_app in FEATURES:
        init_app(app)
    # After the access rules: a form of a session that has ended is kept, not refused. Mail programs
    # end e-mails by a POST of their own, whose signed address is what allows it.
    csrf = CSRFProtect(app)
    csrf.exempt("marketplace.notifications.views.unsubscribe")
    csrf.exempt("marketplace.saved_searches.views.unsubscribe")
    return app
