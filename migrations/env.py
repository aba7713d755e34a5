"""How Alembic reaches the application's database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context
from flask import current_app

migrate = current_app.extensions["migrate"]
database = migrate.db

CHECK_FOREIGN_KEYS = "PRAGMA foreign_key_check"


def migrate_offline() -> None:
    """Print the SQL of a migration, for a database administrator to run."""
    context.configure(
        url=database.engine.url,
        target_metadata=database.metadata,
        literal_binds=True,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def migrate_online() -> None:
    """Run the migrations in one transaction.

    A table of SQLite that is built anew is dropped in between, though others refer to it. So its
    foreign keys are off meanwhile, and checked before the commit.
    """
    with database.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            switch_foreign_keys(connection, on=False)
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            **migrate.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
            if is_sqlite and (broken := connection.exec_driver_sql(CHECK_FOREIGN_KEYS).all()):
                raise RuntimeError(f"rows would be left without their parents: {broken}")
        if is_sqlite:
            switch_foreign_keys(connection, on=True)


def switch_foreign_keys(connection: sa.Connection, *, on: bool) -> None:
    """Switch SQLite's foreign keys, which it only does outside a transaction."""
    driver_connection = connection.connection.dbapi_connection
    assert driver_connection is not None
    driver_connection.execute(f"PRAGMA foreign_keys = {'ON' if on else 'OFF'}")


if context.is_offline_mode():
    migrate_offline()
else:
    migrate_online()
