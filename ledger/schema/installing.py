"""Putting guards on the tables: the triggers and functions that every writer meets."""

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
            elsewhere = {
                index.name for index in table.indexes if index.info.get("only", dialect) != dialect
            }
            copy.indexes -= {index for index in copy.indexes if index.name in elsewhere}


def install_guards(connection: sa.Connection) -> None:
    """Make the functions and triggers, or bring them up to date."""
    for script in scripts(connection):
        for statement in script:
            # A lone % would be a placeholder to the driver of PostgreSQL.
            driver = connection.dialect.name
            connection.exec_driver_sql(
                statement if driver == "sqlite" else statement.replace("%", "%%")
            )


def remove_guards(connection: sa.Connection) -> None:
    """Take the functions and triggers off, so that the tables can be changed."""
    if connection.dialect.name == "postgresql":
        for trigger, table in connection.exec_driver_sql(
            "SELECT quote_ident(t.tgname), t.tgrelid::regclass::text FROM pg_trigger t"
            " JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal"
            " AND t.tgname LIKE 'ledger\\_%%' AND c.relname LIKE 'ledger\\_%%'"
            " AND c.relnamespace = current_schema()::regnamespace"
        ).all():
            connection.exec_driver_sql(f"DROP TRIGGER {trigger} ON {table}")
        for name in (
            connection.exec_driver_sql(
                "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.proname LIKE 'ledger\\_%%'"
                " AND p.pronamespace = current_schema()::regnamespace"
            )
            .scalars()
            .all()
        ):
            connection.exec_driver_sql(f"DROP FUNCTION {name}")
        return
    for name in (
        connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger_%'"
        )
        .scalars()
        .all()
    ):
        connection.exec_driver_sql(f"DROP TRIGGER {name}")


def scripts(connection: sa.Connection) -> list[list[str]]:
    """The SQL that guards the tables, each file as statements to be run one by one."""
    folder = resources.files("ledger") / "engines" / connection.dialect.name
    if connection.dialect.name == "postgresql":
        names = ["guards.sql", "verbs.sql", "batch.sql"]
        book = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
        return [[(folder / name).read_text("utf-8").replace("{book}", book)] for name in names]
    return [statements((folder / "guards.sql").read_text("utf-8"))]


def statements(script: str) -> list[str]:
    """Split a SQLite script where SQLite says that a statement is complete."""
    complete, buffer = [], ""
    for line in script.splitlines(keepends=True):
        buffer += line
        if sqlite3.complete_statement(buffer):
            complete.append(buffer.strip())
            buffer = ""
    return complete
