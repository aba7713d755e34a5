"""The guards: every trigger, function and constraint that the schema puts there is in force.

What is expected is taken from the schema itself: constraints, columns that cannot be null and
unique indexes from the tables' definitions, triggers and functions from the SQL that makes them.
On SQLite a trigger, and what a table says of a constraint, must be that to the letter. On
PostgreSQL a trigger must be enabled always, and it and every constraint must have their complete
definition, in PostgreSQL's own words. Those depend on its version, and to make the guards once
more for comparison is not for a connection that only reads; but EXPLAIN tells how PostgreSQL
words an expression, without running anything.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from ledger import schema
from ledger.types import Fault

_TRIGGER = re.compile(
    r"CREATE (?:OR REPLACE )?TRIGGER (\w+)\s+(\w+) (.+?) ON (?:\w+\.)?([\w%]+)\s+(.*?)"
    r"EXECUTE FUNCTION (?:\w+\.)?(\w+)\((.*?)\)",
    re.DOTALL,
)
_WHEN = re.compile(r"WHEN \((.*)\)\s*$", re.DOTALL)
_FUNCTION = re.compile(
    r"^CREATE OR REPLACE FUNCTION (\w+)\(.*?LANGUAGE (\w+)(.*?)AS \$\$(.*?)\$\$",
    re.MULTILINE | re.DOTALL,
)
# What EXPLAIN tells in fewer words than a definition: a list of words, and a range among others.
_RANGE = re.compile(r"AND \((\(\w+ >= \w+\) AND \(\w+ <= \w+\))\)")
_TEXTS = re.compile(r"ARRAY\[((?:'\w*'::text(?:, )?)+)\]")

_TRIGGERS_THERE = """
SELECT c.relname, CASE WHEN t.tgisinternal THEN k.conname ELSE t.tgname END,
       min(t.tgenabled::text),
       min(CASE WHEN NOT t.tgisinternal AND p.pronamespace = c.relnamespace
                THEN pg_get_triggerdef(t.oid) END)
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
  LEFT JOIN pg_constraint k ON k.oid = t.tgconstraint
 WHERE c.relnamespace = current_schema()::regnamespace GROUP BY 1, 2
"""
_CONSTRAINTS_THERE = """
SELECT c.relname, k.conname, pg_get_constraintdef(k.oid)
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
 WHERE c.relnamespace = current_schema()::regnamespace AND k.convalidated
   AND k.contype IN ('c', 'f', 'p', 'u')
UNION ALL
SELECT c.relname, x.relname,
       'UNIQUE (' || (SELECT string_agg(pg_get_indexdef(i.indexrelid, n, false), ', ' ORDER BY n)
                        FROM generate_series(1, i.indnatts) n)
       || ')' || coalesce(' WHERE ' || pg_get_expr(i.indpred, i.indrelid), '')
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
 WHERE c.relnamespace = current_schema()::regnamespace AND i.indisunique AND i.indisvalid
   AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid
                   AND k.conrelid = i.indrelid)
UNION ALL
SELECT c.relname, 'not null of ' || a.attname, 'NOT NULL'
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
 WHERE c.relnamespace = current_schema()::regnamespace AND a.attnotnull AND a.attnum > 0
"""
_FUNCTIONS_THERE = """
SELECT p.proname, l.lanname, p.prosrc, p.proconfig, p.provolatile::text,
       p.prosecdef OR p.proleakproof OR p.proisstrict OR p.prokind <> 'f' AS otherwise
  FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
 WHERE p.pronamespace = current_schema()::regnamespace
"""


def missing(connection: sa.Connection) -> Iterator[Fault]:
    """Name what is gone, switched off or replaced."""
    check = _on_postgresql if connection.dialect.name == "postgresql" else _on_sqlite
    for what in check(connection):
        yield Fault("guard-missing", what, "it is gone, switched off or replaced")


def _constraints(
    table: sa.Table, dialect: sa.Dialect
) -> list[tuple[str, sa.Constraint | sa.Index]]:
    """A table's constraints and unique indexes, by name."""
    named: list[sa.Constraint | sa.Index] = [*schema.constraints(table, dialect.name)]
    named += [index for index in table.indexes if index.unique]
    preparer = dialect.identifier_preparer
    names = (
        preparer.format_index(one) if isinstance(one, sa.Index) else preparer.format_constraint(one)
        for one in named
    )
    pairs = [(str(name), one) for name, one in zip(names, named, strict=True) if name]
    return sorted(pairs, key=lambda pair: pair[0])


def _clause(constraint: sa.Constraint, dialect: sa.Dialect) -> str:
    """A constraint as the statement says it that makes its table."""
    return str(
        dialect.ddl_compiler(dialect, sa.schema.CreateTable(constraint.table)).process(constraint)
    )


def _on_postgresql(connection: sa.Connection) -> Iterator[str]:
    script = "\n".join(text for texts in schema.scripts(connection) for text in texts)
    yield from _wrong_triggers(connection, script)
    there = {
        (table, name): _plain(_RANGE.sub(r"AND \1", _TEXTS.sub(_folded, definition)))
        for table, name, definition in connection.exec_driver_sql(_CONSTRAINTS_THERE)
    }
    tables = {row[0] for row in there}
    for table in schema.metadata.sorted_tables:
        expected = _definitions(connection, table) if table.name in tables else {}
        for name, _ in _constraints(table, connection.dialect):
            expected.setdefault(name, "")
        for name, definition in sorted(expected.items()):
            if there.get((table.name, name)) != _plain(definition):
                yield f"constraint {name} on {table.name}"
    yield from _wrong_functions(connection, script)


def _plain(definition: str) -> str:
    """A definition without spaces and without what quotes a name."""
    return "".join(definition.split()).replace('"', "")


def _folded(texts: re.Match[str]) -> str:
    """A list of words as EXPLAIN tells it."""
    return "'{" + ",".join(re.findall(r"'(\w*)'", texts[1])) + "}'::text[]"


def expected_triggers(script: str) -> dict[tuple[str, str], re.Match[str]]:
    """The triggers that a script for PostgreSQL makes, by table and name."""
    expected: dict[tuple[str, str], re.Match[str]] = {}
    for match in _TRIGGER.finditer(script):
        tables = [match[4]]
        if match[4] == "%I":  # made for each of the tables that are only added to
            tables = [name for name in schema.metadata.tables if name not in schema.CHANGING]
        expected |= {(table, match[1]): match for table in tables}
    return expected


def _wrong_triggers(connection: sa.Connection, script: str) -> Iterator[str]:
    expected = expected_triggers(script)
    there = {
        (table, name): (enabled, definition)
        for table, name, enabled, definition in connection.exec_driver_sql(_TRIGGERS_THERE)
    }
    for (table, name), match in sorted(expected.items(), key=lambda pair: pair[0]):
        enabled, definition = there.get((table, name), ("", None))
        found = _TRIGGER.fullmatch(definition or "")
        if enabled != "A" or not found or not _same_trigger(connection, match, found, table):
            yield f"trigger {name} on {table}"
    for (table, name), (enabled, _) in sorted(there.items()):
        if table in schema.metadata.tables and (table, name) not in expected and enabled == "D":
            yield f"constraint {name} on {table}"


def _same_trigger(
    connection: sa.Connection, wanted: re.Match[str], found: re.Match[str], table: str
) -> bool:
    """Whether PostgreSQL's words for a trigger are those for what the script says."""

    def parts(match: re.Match[str]) -> tuple[object, ...]:
        how = " ".join(_WHEN.sub("", match[5]).split())
        how = how if "FOR EACH" in how else f"{how} FOR EACH STATEMENT".strip()
        arguments = match[7].replace("''", "'")
        return match[1], match[2], sorted(match[3].split(" OR ")), how, match[6], arguments

    when, there = _WHEN.search(wanted[5]), _WHEN.search(found[5])
    if parts(wanted) != parts(found) or (when is None) != (there is None):
        return False
    if when is None or there is None:
        return True
    rows = f"{table} AS new, {table} AS old"  # two, so that columns are told with their row
    return worded(connection, [when[1]], rows) == [there[1]]


def _definitions(connection: sa.Connection, table: sa.Table) -> dict[str, str]:
    """The definitions of a table's constraints by name, in PostgreSQL's words."""
    definitions, expressions = {}, {}
    for name, one in _constraints(table, connection.dialect):
        if isinstance(one, sa.CheckConstraint):
            definitions[name] = "CHECK ({})"
            expressions[name] = str(one.sqltext)
        elif isinstance(one, sa.Index):
            columns = ", ".join(column.name for column in one.columns)
            where = one.dialect_options["postgresql"]["where"]
            definitions[name] = f"UNIQUE ({columns})" + (" WHERE {}" if where is not None else "")
            if where is not None:
                expressions[name] = str(where)
        else:
            definitions[name] = _clause(one, connection.dialect).partition(f"{name} ")[2]
    wordings = worded(connection, list(expressions.values()), table.name) if expressions else []
    for name, expression in zip(expressions, wordings, strict=True):
        definitions[name] = definitions[name].format(expression)
    for column in table.columns:
        if not column.nullable:
            definitions[f"not null of {column.name}"] = "NOT NULL"
    return definitions


def worded(connection: sa.Connection, expressions: Sequence[str], rows: str) -> list[str]:
    """Expressions over rows as PostgreSQL words them in definitions."""
    selected = ", ".join(f"({expression})" for expression in expressions)
    query = f"EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) SELECT {selected} FROM {rows}"  # noqa: S608
    plan = connection.exec_driver_sql(query.replace("%", "%%")).scalar_one()
    return [str(output) for output in plan[0]["Plan"]["Output"]]


def _wrong_functions(connection: sa.Connection, script: str) -> Iterator[str]:
    expected = {
        name: (
            language,
            body,
            sorted(re.findall(r"SET (\w+ = \w+)", options)),
            "i" if "IMMUTABLE" in options else "v",
            False,
        )
        for name, language, options, body in _FUNCTION.findall(script)
    }
    there = [
        (name, (language, body, [s.replace("=", " = ", 1) for s in sorted(settings or [])], *how))
        for name, language, body, settings, *how in connection.exec_driver_sql(_FUNCTIONS_THERE)
    ]
    count = Counter(name for name, _ in there)
    for name, definition in expected.items():
        if count[name] != 1 or (name, definition) not in there:
            yield f"function {name}"


def sqlite_triggers(connection: sa.Connection) -> dict[str, str]:
    """The statements that make the triggers on SQLite, by the trigger's name."""
    return {
        match[1]: statement.rstrip(";")
        for script in schema.scripts(connection)
        for statement in script
        if (match := re.match(r"CREATE TRIGGER (\w+)", statement))
    }


def _on_sqlite(connection: sa.Connection) -> Iterator[str]:
    there = {
        (row.type, row.name): row.sql or ""
        for row in connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master")
    }
    for name, statement in sqlite_triggers(connection).items():
        if there.get(("trigger", name)) != statement:
            yield f"trigger {name}"
    for table, name, is_index, definition in _sqlite_constraints():
        if is_index:
            there_is = there.get(("index", name), "") == definition
        else:
            there_is = definition in there.get(("table", table), "")
        if not there_is:
            yield f"constraint {name} on {table}"


@cache
def _sqlite_constraints() -> list[tuple[str, str, bool, str]]:
    """What SQLite has to say of constraints: table, name, whether it is an index, definition."""
    dialect = sqlite.dialect()
    return [
        (table.name, name, True, _indexed(one, dialect))
        if isinstance(one, sa.Index)
        else (table.name, name, False, _clause(one, dialect))
        for table in schema.metadata.sorted_tables
        for name, one in _constraints(table, dialect)
    ]


def _indexed(index: sa.Index, dialect: sa.Dialect) -> str:
    """The statement that makes an index."""
    return str(sa.schema.CreateIndex(index).compile(dialect=dialect))
