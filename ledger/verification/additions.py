"""What was added to the ledger's tables and may act on what is written or read: by their owner.

On PostgreSQL that is a trigger or a rule that is not the ledger's, row security and its policies,
a table that inherits or is a partition, and a default or an identity that the ledger's own
definition does not have. On SQLite it is a trigger: there is nothing else of the kind.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from ledger import schema
from ledger.types import Fault
from ledger.verification.guards import expected_triggers, sqlite_triggers, worded

_TABLES = """
SELECT oid, relname, relrowsecurity, relforcerowsecurity FROM pg_class
 WHERE relnamespace = current_schema()::regnamespace AND relname = ANY (%s)
"""
_ADDED = f"""
WITH tables AS ({_TABLES})
SELECT 'trigger ' || t.tgname, c.relname, t.tgname
  FROM pg_trigger t JOIN tables c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
UNION ALL
SELECT 'rule ' || r.rulename, c.relname, NULL
  FROM pg_rewrite r JOIN tables c ON c.oid = r.ev_class
UNION ALL
SELECT 'row security', relname, NULL FROM tables WHERE relrowsecurity OR relforcerowsecurity
UNION ALL
SELECT 'policy ' || p.polname, c.relname, NULL FROM pg_policy p JOIN tables c ON c.oid = p.polrelid
UNION ALL
SELECT 'child ' || i.inhrelid::regclass, c.relname, NULL
  FROM pg_inherits i JOIN tables c ON c.oid = i.inhparent
UNION ALL
SELECT 'parent ' || i.inhparent::regclass, c.relname, NULL
  FROM pg_inherits i JOIN tables c ON c.oid = i.inhrelid
 ORDER BY 2, 1
"""  # noqa: S608
_DEFAULTS = f"""
WITH tables AS ({_TABLES})
SELECT c.relname, a.attname, a.attidentity::text, a.attgenerated::text,
       pg_get_expr(d.adbin, d.adrelid)
  FROM pg_attribute a JOIN tables c ON c.oid = a.attrelid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2
"""  # noqa: S608


def added(connection: sa.Connection) -> Iterator[Fault]:
    """Name what stands on the ledger's tables and is not the ledger's.

    Yields:
        Faults of the kind ``guard-added``.
    """
    check = _on_postgresql if connection.dialect.name == "postgresql" else _on_sqlite
    for what, table in check(connection):
        yield Fault("guard-added", f"{what} on {table}", "it is not the ledger’s own")


def _on_postgresql(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    script = "\n".join(text for texts in schema.scripts(connection) for text in texts)
    own, tables = expected_triggers(script), list(schema.metadata.tables)
    for what, table, trigger in connection.exec_driver_sql(_ADDED, (tables,)).all():
        if (table, trigger) not in own:
            yield what, table
    own_defaults = {
        (table.name, column.name): _default(connection, column)
        for table in schema.metadata.sorted_tables
        for column in table.columns
    }
    for table, column, *default in connection.exec_driver_sql(_DEFAULTS, (tables,)).all():
        if tuple(default) != own_defaults.get((table, column), ("", "", None)):
            yield f"default of {column}", table


def _default(connection: sa.Connection, column: sa.Column[object]) -> tuple[str, str, str | None]:
    """A column's identity, how it is generated, and its default, as PostgreSQL keeps them."""
    dialect = connection.dialect
    if column.identity is not None:
        return ("a" if column.identity.always else "d", "", None)
    compiler = dialect.ddl_compiler(dialect, sa.schema.CreateTable(column.table))
    default = compiler.get_column_default_string(column)
    if default is None:
        return ("", "", None)
    return ("", "", worded(connection, [default], column.table.name)[0])


def _on_sqlite(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    own = sqlite_triggers(connection)
    for name, table in connection.exec_driver_sql(
        "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' ORDER BY tbl_name, name"
    ).all():
        if table in schema.metadata.tables and name not in own:
            yield f"trigger {name}", table
