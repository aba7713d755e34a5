"""A list of values as one parameter: the statement is the same however long the list is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.functions import FunctionElement


class _ListOf(sa.types.TypeDecorator[list[Any]]):
    """Texts or whole numbers: an array on PostgreSQL, JSON on SQLite."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, one: sa.types.TypeEngine[Any]) -> None:
        super().__init__()
        self.one = one

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.ARRAY(self.one))
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: Iterable[Any] | None, dialect: sa.Dialect) -> Any:
        values = list(value or ())
        return values if dialect.name == "postgresql" else json.dumps(values)


class _IsOneOf(FunctionElement[bool]):
    type = sa.Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> _IsOneOf:
        """Stand as it is among other conditions: with “= 1” behind it, SQLite uses no index."""
        return self


@compiles(_IsOneOf, "postgresql")
def _in_array(element: _IsOneOf, compiler: Any, **options: Any) -> str:
    column, values = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} = ANY ({values})"


@compiles(_IsOneOf, "sqlite")
def _in_json(element: _IsOneOf, compiler: Any, **options: Any) -> str:
    column, values = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608


def is_one_of(
    column: sa.ColumnElement[Any] | InstrumentedAttribute[Any], name: str
) -> sa.ColumnElement[bool]:
    """Return that ``column`` is one of the values of parameter ``name``: texts or whole numbers.

    With a parameter for each value, each length is a statement of its own: it is compiled anew, and
    prepared and kept by the driver, one with 1,000 values in 100 KiB.
    """
    return _IsOneOf(column, sa.bindparam(name, type_=_ListOf(column.type)))
