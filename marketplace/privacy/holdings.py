"""What the features hold on a person: to be shown to that person, and to be forgotten.

A table with the number of a person is registered once, with the columns that its person may read
and with what happens to its rows when the person is erased.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import InstrumentedAttribute, Session

Column = InstrumentedAttribute[Any]


@dataclass(frozen=True, slots=True)
class Delete:
    """The rows go when the person is erased."""

    def erase(self, session: Session, column: Column, person_id: int) -> int:
        """Delete the rows of the person; return how many."""
        return _count(session, sa.delete(column.class_).where(column == person_id))


@dataclass(frozen=True, slots=True)
class Clear:
    """The rows stay when the person is erased, with nothing in these columns."""

    columns: Sequence[Column]

    def erase(self, session: Session, column: Column, person_id: int) -> int:
        """Empty the columns in the rows of the person; return how many."""
        values: dict[str, object] = {one.key: None for one in self.columns}
        return _count(session, sa.update(column.class_).where(column == person_id).values(**values))


@dataclass(frozen=True, slots=True)
class Keep:
    """The rows stay as they are, by a “Former member of staff”; the reason is a sentence."""

    because: str

    def erase(self, session: Session, column: Column, person_id: int) -> int:
        """Change nothing."""
        return 0


@dataclass(frozen=True, slots=True)
class Holding:
    """What one table holds on a person.

    Attributes:
        name: what it is called in the file that the person downloads.
        about: the same in words, after "we hold".
        column: the column with the number of the person.
        shown: the columns that the person may read. Never secrets, and nothing about others.
        on_erasure: what happens to the rows when the person is erased.
    """

    name: str
    about: str
    column: Column
    shown: Sequence[Column]
    on_erasure: Delete | Clear | Keep

    @property
    def column_name(self) -> str:
        """The column as “table.column”."""
        (column,) = self.column.property.columns
        return f"{column.table.name}.{column.name}"


class Holdings:
    """What the features of an application hold on people, the lowest feature first."""

    KEY = "skillbank.privacy.holdings"

    def __init__(self) -> None:
        self._holdings: dict[str, Holding] = {}

    def __iter__(self) -> Iterator[Holding]:
        return iter(self._holdings.values())

    def add(self, *holdings: Holding) -> None:
        """Register what a feature holds.

        Raises:
            ValueError: if the name is taken.
        """
        for holding in holdings:
            if holding.name in self._holdings:
                raise ValueError(f"{holding.name!r} is the name of another holding")
            self._holdings[holding.name] = holding


def get_holdings(app: Flask | None = None) -> Holdings:
    """Return what the features of ``app``, or of the running application, hold on people."""
    holdings: Holdings = (app or current_app).extensions[Holdings.KEY]
    return holdings


def personal_data(session: Session, person_id: int) -> dict[str, Any]:
    """Return everything that is held on a person and that they may read, ready for JSON.

    Each holding has a list of rows, the oldest first; one statement each.
    """
    data: dict[str, Any] = {"number": person_id}
    for holding in get_holdings():
        key = sa.inspect(holding.column.class_).primary_key
        rows = session.execute(
            sa.select(*holding.shown).where(holding.column == person_id).order_by(*key)
        )
        data[holding.name] = [
            {name: _as_json(value) for name, value in row._mapping.items()} for row in rows
        ]
    return data


def forget(session: Session, person_id: int) -> int:
    """Delete or clear what is not to stay when a person is erased; return how many rows.

    The highest features come first: their rows may refer to those below.
    """
    return sum(
        holding.on_erasure.erase(session, holding.column, person_id)
        for holding in reversed(list(get_holdings()))
    )


def _as_json(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value


def _count(session: Session, statement: sa.Update | sa.Delete) -> int:
    result = session.execute(statement, execution_options={"synchronize_session": False})
    assert isinstance(result, sa.CursorResult)
    return result.rowcount
