"""How Alembic reaches the application's database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context
from flask import current_app

from ledger import schema

migrate = current_app.extensions["migrate"]
database = migrate.db


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
        if connection.dialect.name != "sqlite":
            run_migrations(connection)
            return
        switch_foreign_keys(connection, on=False)
        try:
            run_migrations(connection)
        finally:  # the connection goes back to the pool, also after a migration that failed
            connection.rollback()
            switch_foreign_keys(connection, on=True)


def run_migrations(connection: sa.Connection) -> None:
    """Run the migrations on a connection, all of them or none."""
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        transactional_ddl=True,  # SQLite's too; Alembic would not begin a transaction there
        **migrate.configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
        if schema.version_of(connection) == schema.VERSION:
            schema.install_guards(connection)  # they may have changed though no table has
        if connection.dialect.name == "sqlite":
            check_foreign_keys(connection)


def check_foreign_keys(connection: sa.Connection) -> None:
    """Refuse to commit where a row refers to another one that is not there."""
    if orphans := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(10):
        raise RuntimeError(f"rows would be left without their parents, among them {orphans}")


def switch_foreign_keys(connection: sa.Connection, *, on: bool) -> None:
    """Switch SQLite's foreign keys, which it only does outside a transaction."""
    driver_connection = connection.connection.dbapi_connection
    assert driver_connection is not None
    driver_connection.execute(f"PRAGMA foreign_keys = {'ON' if on else 'OFF'}")


if context.is_offline_mode():
    migrate_offline()
else:
    migrate_online()
