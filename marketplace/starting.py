"""The checks before the application serves; a problem ends the start with one line."""

from __future__ import annotations

import logging
import sys

import click
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask.cli import FlaskGroup

from marketplace import MIGRATIONS, Skillbank, create_app, logs
from marketplace.engines import engine_options
from marketplace.settings import Settings, SettingsError

REFUSED = 2
NOT_AGAIN = 4
"""The exit code after which gunicorn does not start another worker, and ends."""

log = logging.getLogger(__name__)


def load() -> Skillbank:
    """Build the application for ``wsgi.py``: to serve it, or for one of its commands.

    Ends the process, with one line on standard error, if a setting is unusable or, where it is to
    be served, if the schema of the database is behind.
    """
    try:
        settings = Settings.from_environment()
        if is_command():
            return create_app(settings.for_commands())
        logs.configure(settings.log)
        refuse_old_schema(settings)
        return create_app(settings)
    except SettingsError as error:
        print(f"Error: {error}", file=sys.stderr, flush=True)  # noqa: T201
        raise SystemExit(NOT_AGAIN if _flask_command() is None else REFUSED) from None


def is_command() -> bool:
    """Say whether the application is loaded for a command of ``flask``, not to be served."""
    return _flask_command() not in (None, "run")


def _flask_command() -> str | None:
    """The word of ``flask`` that is carried out, or ``None`` if a server loads the application."""
    context = click.get_current_context(silent=True)
    if context is None or not isinstance(context.find_root().command, FlaskGroup):
        return None
    return context.info_name or ""


def refuse_old_schema(settings: Settings) -> None:
    """Refuse a database without the tables of this version, by one small query.

    A database that cannot be reached is no reason to end: the pages say so until it is back. A
    newer schema is none either: it is there before the servers change to the newer version.

    Raises:
        SettingsError: if the schema is missing or behind.
    """
    versions = ScriptDirectory(str(MIGRATIONS))
    options = engine_options(settings)
    engine = sa.create_engine(
        settings.database_url,
        poolclass=sa.NullPool,
        connect_args=options.get("connect_args", {}),
        hide_parameters=True,
    )
    try:
        with engine.connect() as connection:
            present = set(MigrationContext.configure(connection).get_current_heads())
    except sa.exc.DBAPIError as error:
        log.warning("The database cannot be reached yet, and is not waited for: %s", error.orig)
        return
    newest = set(versions.get_heads())
    revisions = {revision.revision for revision in versions.walk_revisions()}
    if present != newest and present <= revisions:
        lacks = "is behind this version" if present else "has no tables yet"
        raise SettingsError(f"The database {lacks}: run “flask --app wsgi db upgrade”.")
