"""The guards: every trigger, function and constraint that the schema puts there is in force.

What is expected is taken from the schema itself: constraints and unique indexes from the tables'
definitions, triggers and functions from the SQL that makes them. On SQLite a trigger must be, to
the letter, the one that is expected; on PostgreSQL it must be there and enabled always, and the
bodies of the functions must be the expected ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import sqlalchemy as sa

from ledger import schema
from ledger.records import Fault

_TRIGGER = re.compile(r"^CREATE OR REPLACE TRIGGER (\w+)[^;]*? ON (\w+)\b", re.MULTILINE)
_FUNCTION = re.compile(
    r"^CREATE OR REPLACE FUNCTION (\w+)\(.*?AS \$\$(.*?)\$\$", re.MULTILINE | re.DOTALL
)


def missing(connection: sa.Connection) -> Iterator[Fault]:
    """Name what is gone, switched off or replaced."""
    check = _on_postgresql if connection.dialect.name == "postgresql" else _on_sqlite
    for what in check(connection):
        yield Fault("guard-missing", what, "it is gone, switched off or replaced")


def _constraints(table: sa.Table, dialect: sa.Dialect) -> list[str]:
    """The names of a table's constraints and unique indexes."""
    named: list[sa.Constraint | sa.Index] = [*schema.constraints(table, dialect.name)]
    named += [index for index in table.indexes if index.unique]
    preparer = dialect.identifier_preparer
    names = (
        preparer.format_index(one) if isinstance(one, sa.Index) else preparer.format_constraint(one)
        for one in named
    )
    return sorted(name for name in names if name)


def _on_postgresql(connection: sa.Connection) -> Iterator[str]:
    script = "\n".join(text for texts in schema.scripts(connection) for text in texts)
    expected = {(table, name) for name, table in _TRIGGER.findall(script)}
    for table in schema.metadata.tables:
        if table not in schema.CHANGING:
            expected |= {(table, "ledger_immutable"), (table, "ledger_untruncated")}
    enabled = {
        (row.table, row.name): row.enabled
        for row in connection.exec_driver_sql(
            "SELECT c.relname AS table, CASE WHEN t.tgisinternal THEN conname ELSE tgname END"
            " AS name, min(t.tgenabled::text) AS enabled"
            " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " LEFT JOIN pg_constraint k ON k.oid = t.tgconstraint"
            " WHERE c.relnamespace = current_schema()::regnamespace"
            " GROUP BY 1, 2"
        )
    }
    for table, name in sorted(expected):
        if enabled.get((table, name)) != "A":
            yield f"trigger {name} on {table}"
    for (table, name), state in sorted(enabled.items()):
        if table in schema.metadata.tables and (table, name) not in expected and state == "D":
            yield f"constraint {name} on {table}"
    valid = {
        (row.table, row.name)
        for row in connection.exec_driver_sql(
            "SELECT c.relname AS table, k.conname AS name FROM pg_constraint k"
            " JOIN pg_class c ON c.oid = k.conrelid"
            " WHERE c.relnamespace = current_schema()::regnamespace AND k.convalidated"
            " UNION ALL SELECT c.relname, x.relname FROM pg_index i"
            " JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid"
            " WHERE c.relnamespace = current_schema()::regnamespace"
            " AND i.indisunique AND i.indisvalid"
        )
    }
    yield from (
        f"constraint {name} on {table.name}"
        for table in schema.metadata.sorted_tables
        for name in _constraints(table, connection.dialect)
        if (table.name, name) not in valid
    )
    bodies = {
        row.name: row.body
        for row in connection.exec_driver_sql(
            "SELECT proname AS name, prosrc AS body FROM pg_proc"
            " WHERE pronamespace = current_schema()::regnamespace"
        )
    }
    for name, body in _FUNCTION.findall(script):
        if bodies.get(name) != body:
            yield f"function {name}"


def _on_sqlite(connection: sa.Connection) -> Iterator[str]:
    there = {
        (row.type, row.name): row.sql or ""
        for row in connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master")
    }
    for script in schema.scripts(connection):
        for statement in script:
            match = re.match(r"CREATE TRIGGER (\w+)", statement)
            if match and there.get(("trigger", match[1])) != statement.rstrip(";"):
                yield f"trigger {match[1]}"
    for table in schema.metadata.sorted_tables:
        text = there.get(("table", table.name), "")
        indexes = {name for kind, name in there if kind == "index"}
        for name in _constraints(table, connection.dialect):
            if f"CONSTRAINT {name} " not in text and name not in indexes:
                yield f"constraint {name} on {table.name}"
