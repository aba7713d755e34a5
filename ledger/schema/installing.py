"""Putting the tables into a database, with the triggers and functions that guard them."""

from __future__ import annotations

import sqlite3
from importlib import resources

import sqlalchemy as sa

from ledger.schema.tables import metadata


def constraints(table: sa.Table, dialect: str) -> list[sa.Constraint]:
    """The constraints of a table that the database named has."""
    return [one for one in table.constraints if one.info.get("only", dialect) == dialect]


def attach(target: sa.MetaData, dialect: str) -> None:
    """Copy the ledger's tables into ``target``, as they are on the database named.

    So that tools that compare schemas know them.
    """
    for table in metadata.sorted_tables:
        if table.name not in target.tables:
            copy = table.to_metadata(target)
            for other in copy.constraints.difference(constraints(copy, dialect)):
                copy.constraints.discard(other)
                if isinstance(other, sa.ForeignKeyConstraint):
                    copy.foreign_keys.difference_update(other.elements)


def install(connection: sa.Connection) -> None:
    """Make the ledger's tables, functions and triggers, or bring the latter up to date."""
    # A copy, because creating tables on one database changes what SQLAlchemy does on another.
    tables = sa.MetaData(naming_convention=metadata.naming_convention)
    attach(tables, connection.dialect.name)
    if connection.dialect.name == "sqlite":
        # SQLAlchemy would leave out the foreign key that closes the circle between transactions
        # and entries; SQLite takes it, although the other table does not exist yet.
        for table in tables.tables.values():
            create = sa.schema.CreateTable(
                table,
                include_foreign_key_constraints=list(table.foreign_key_constraints),
                if_not_exists=True,
            )
            connection.execute(create)
            for index in table.indexes:
                connection.execute(sa.schema.CreateIndex(index, if_not_exists=True))
    else:
        tables.create_all(connection)
    install_guards(connection)


def install_guards(connection: sa.Connection) -> None:
    """Make the functions and triggers, or bring them up to date."""
    for script in scripts(connection):
        for statement in script:
            # A lone % would be a placeholder to the driver of PostgreSQL.
            driver = connection.dialect.name
            connection.exec_driver_sql(
                statement if driver == "sqlite" else statement.replace("%", "%%")
            )


def uninstall(connection: sa.Connection) -> None:
    """Remove the ledger, with everything in it: for undoing the migration that installed it."""
    if connection.dialect.name == "postgresql":
        for table in metadata.tables.values():
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table.name} CASCADE")
        for name in connection.exec_driver_sql(
            "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.proname LIKE 'ledger\\_%%'"
            " AND p.pronamespace = current_schema()::regnamespace"
        ).scalars():
            connection.exec_driver_sql(f"DROP FUNCTION {name}")
        return
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    for name in connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger_%'"
    ).scalars():
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    for table in reversed(metadata.tables.values()):
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table.name}")


def scripts(connection: sa.Connection) -> list[list[str]]:
    """The SQL that guards the tables, each file as statements to be run one by one."""
    folder = resources.files("ledger") / "engines" / connection.dialect.name
    if connection.dialect.name == "postgresql":
        names = ["guards.sql", "verbs.sql", "batch.sql"]
        book = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
        return [[(folder / name).read_text("utf-8").replace("{book}", book)] for name in names]
    return [_statements((folder / "guards.sql").read_text("utf-8"))]


def _statements(script: str) -> list[str]:
    """Split a SQLite script where SQLite says that a statement is complete."""
    statements, buffer = [], ""
    for line in script.splitlines(keepends=True):
        buffer += line
        if sqlite3.complete_statement(buffer):
            statements.append(buffer.strip())
            buffer = ""
    return statements
