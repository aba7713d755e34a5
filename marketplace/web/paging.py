"""Keyset pages: a page begins where the last one ended, however much has come in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql import operators

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of rows; ``next`` is the cursor of the page after it, or ``None``."""

    rows: list[T]
    next: str | None

    def map(self, convert: Callable[[T], U]) -> Page[U]:
        """Return the same page with every row converted."""
        return Page([convert(row) for row in self.rows], self.next)


def paginate(
    session: Session,
    query: sa.Select[*tuple[Any, ...]],
    *order: sa.ColumnElement[Any] | InstrumentedAttribute[Any],
    after: str = "",
    limit: int,
) -> Page[Any]:
    """Return one page of ``query`` in the order of ``order``, which must end in a unique column.

    Each column of ``order`` may be descending (``column.desc()``). A row is what ``query``
    selects: a tuple, or the one thing itself. At most ``limit`` + 1 rows are read. ``after`` is
    the cursor of an earlier page; one that cannot be read begins at the start.
    """
    columns: list[Any] = [getattr(part, "element", part) for part in order]
    descending = [getattr(part, "modifier", None) is operators.desc_op for part in order]
    keys = [column.label(f"page_key_{number}") for number, column in enumerate(columns)]
    query = query.add_columns(*keys).order_by(*order).limit(limit + 1)
    if (last := read_cursor(after, columns)) is not None:
        query = query.where(_after(columns, last, descending))
    rows = session.execute(query).all()
    width = len(keys)
    single = bool(rows) and len(rows[0]) == width + 1
    values = [row[0] if single else tuple(row[:-width]) for row in rows[:limit]]
    cursor = write_cursor(rows[limit - 1][-width:]) if len(rows) > limit else None
    return Page(values, cursor)


def _after(
    columns: Sequence[sa.ColumnElement[Any]],
    last: Sequence[sa.ColumnElement[Any]],
    descending: Sequence[bool],
) -> sa.ColumnElement[bool]:
    """The condition that a row comes after the row with the keys ``last``."""
    if len(set(descending)) == 1:
        # One comparison of rows, which both databases answer from an index.
        row_keys, last_keys = sa.tuple_(*columns), sa.tuple_(*last)
        return row_keys < last_keys if descending[0] else row_keys > last_keys
    choices = []
    for number, (column, value, down) in enumerate(zip(columns, last, descending, strict=True)):
        same = [a == b for a, b in zip(columns[:number], last[:number], strict=True)]
        choices.append(sa.and_(*same, column < value if down else column > value))
    return sa.or_(*choices)


def write_cursor(values: Iterable[Any]) -> str:
    """Return the cursor after the row with these key values (instants, whole numbers, texts)."""
    return "~".join(
        value.isoformat() if isinstance(value, datetime) else str(value) for value in values
    )


def read_cursor(
    text: str, columns: Sequence[sa.ColumnElement[Any]]
) -> list[sa.ColumnElement[Any]] | None:
    """Return what ``write_cursor`` wrote, as values of ``columns``; ``None`` for anything else."""
    # Only the first key may be a text with a separator in it.
    parts = text.rsplit("~", len(columns) - 1)
    if not text or len(parts) != len(columns):
        return None
    values = [
        value
        for part, column in zip(parts, columns, strict=True)
        if (value := _value(part, column)) is not None
    ]
    return values if len(values) == len(columns) else None


def _value(text: str, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any] | None:
    """Return ``text`` as a bound value of the column's type, or ``None`` if it is not one."""
    kind = getattr(column.type, "impl_instance", column.type).python_type
    value: Any = text
    if kind is int:
        if not (text.isascii() and text.isdecimal()) or len(text) > 18:
            return None
        value = int(text)
        if not isinstance(column.type, sa.BigInteger) and value >= 2**31:
            return None
    elif issubclass(kind, datetime):
        try:
            value = datetime.fromisoformat(text)
            if value.tzinfo is None:
                return None
            value = value.astimezone(UTC)
        except (ValueError, OverflowError):
            return None
    elif "\0" in text:
        return None
    return sa.literal(value, column.type)
