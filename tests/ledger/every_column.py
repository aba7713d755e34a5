"""A wholly sealed book with all there is, and every way to alter one value in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from unittest import mock

import sqlalchemy as sa

from ledger import Book, Levy, Override, Posting, schema
from ledger.operations import bilateral
from tests.ledger.conftest import NOW, in_the_past
from tests.ledger.keys import new_key

A, B, C, D, E, FUND = "school:a", "school:b", "school:c", "school:d", "school:e", "network:fund"
FEBRUARY = datetime(2025, 2, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def write(engine: sa.Engine) -> None:
    """Write the book: all that can be done to accounts, holds and periods, in two seals."""
    with engine.begin() as connection:
        _open_accounts(in_the_past(connection))
        _post_in_february(Book(connection, clock=lambda: FEBRUARY))
        march = Book(connection, clock=lambda: NOW)
        for day in (date(2025, 1, 31), date(2025, 2, 28)):
            march.close_period(day, actor="Olu", memo="month", key=new_key())
    with engine.begin() as connection:
        Book(connection, clock=lambda: NOW).seal()
    with engine.begin() as connection:
        book = Book(connection, clock=lambda: NOW)
        _hold(book)
        _change_accounts(book)
        book.transfer(B, FUND, 5, key="late", effective=date(2025, 3, 5), reference="trip")
        given = book.transfer(FUND, C, 90, key="given")
        book.transfer(C, A, 95, key="passed on")
        book.reverse(given.id, key="taken back", override=Override("Olu", "a slip"))
        Book(connection, clock=lambda: NOW + 2 * HOUR).expire_holds(limit=1)
        with mock.patch.object(bilateral, "TAIL", 0):
            book.summarise()
    with engine.begin() as connection:
        Book(connection).seal()


def _open_accounts(book: Book) -> None:
    book.open_account(A, floor=-600, soft_floor=-300, soft_ceiling=300, name="Ash", key=new_key())
    book.open_account(B, floor=-600, name="Beech", key=new_key())
    book.open_account(C, floor=-60, ceiling=120, name="Cedar", key=new_key())
    book.open_account(D, floor=-60, name="Dogwood", key=new_key())
    book.open_account(E, floor=None, name="Elm", key=new_key())
    book.open_account(FUND, floor=None, name="Fund", key=new_key())


def _post_in_february(book: Book) -> None:
    first = book.transfer(A, B, 60, key="first", memo="Maths", actor="ann")
    book.transfer(B, A, 20, key="second", effective=date(2025, 1, 15))
    book.transfer(A, C, 15, key="third")
    book.reverse(first.id, key="reversal")
    postings = [Posting(A, -30), Posting(B, 10), Posting(A, -5), Posting(FUND, 25)]
    book.post(postings, key="many")
    book.transfer(FUND, D, 7, key="gift")


def _hold(book: Book) -> None:
    soon = NOW + HOUR
    partly = book.hold(A, B, 30, key="partly")
    book.settle(partly.id, 10, key="part", final=False)
    levy = Levy(Fraction(1, 10), FUND)
    book.settle(book.hold(A, B, 30, key="settled").id, key="settlement", levy=levy)
    book.void(book.hold(B, FUND, 15, key="voided").id, key="void")
    extended = book.hold(FUND, C, 15, key="extended", expires_at=soon)
    book.extend(extended.id, NOW + timedelta(days=9999), key="extension")
    for number in range(2):
        book.hold(FUND, B, 5, key=f"expired:{number}", expires_at=soon + number * HOUR / 2)
    book.hold(B, A, 9, key="open")


def _change_accounts(book: Book) -> None:
    why: Any = {"actor": "Olu", "memo": "policy"}
    book.set_limits(C, floor=-60, ceiling=200, soft_floor=-30, soft_ceiling=150, key="l", **why)
    book.rename(B, "Birch", key="rename", **why)
    book.freeze(E, key="freeze", **why)
    book.unfreeze(E, key="unfreeze", **why)
    book.freeze(E, key="again", **why)
    book.close_account(D, rest_to=FUND, key="close", **why)


@dataclass(frozen=True)
class Alteration:
    """One value of one row, and what it is made."""

    column: sa.Column[Any]
    row: sa.Row[Any]
    how: str
    value: object

    @property
    def place(self) -> str:
        """The column, as `schema.metadata` names it."""
        return str(self.column)

    def __str__(self) -> str:
        before = getattr(self.row, self.column.name)
        return f"{self.place}: {before!r} {self.how} {self.value!r} in {self.row}"


def other_values(
    column: sa.Column[Any], value: Any, values: Sequence[Any]
) -> Iterator[tuple[str, object]]:
    """What a value of a column may be made; ``values`` are those of all rows."""
    others = list(dict.fromkeys(one for one in values if one not in (None, value)))
    if value is None:
        yield "a value where there was none", (others or [_SOMETHING[type(column.type)]])[0]
        return
    if isinstance(value, str):
        yield "another text", value + "x"
    elif isinstance(value, bytes):
        yield "another hash", value[:-1] + bytes([value[-1] ^ 1])
    else:
        step: Any = 1
        if isinstance(value, date):  # an instant, too
            step = timedelta(microseconds=1) if isinstance(value, datetime) else timedelta(days=1)
        yield "more", value + step
        yield "less", value - step
    for other in others[:3]:
        yield "another row's", other
    if column.nullable:
        yield "none", None


_SOMETHING: dict[type, object] = {
    type(schema.BigInt): 1,
    sa.Text: "x",
    schema.Instant: NOW,
    schema.Day: NOW.date(),
}


def alterations(connection: sa.Connection) -> Iterator[Alteration]:
    """Each way to alter each value of each column of every table, beginning at some row."""
    for table in schema.metadata.sorted_tables:
        rows = list(connection.execute(sa.select(table).order_by(*table.primary_key)))
        assert rows, f"the book has nothing in {table}"
        for place, column in enumerate(table.columns):
            values = [getattr(row, column.name) for row in rows]
            for row in rows[place % len(rows) :] + rows[: place % len(rows)]:
                for how, value in other_values(column, getattr(row, column.name), values):
                    yield Alteration(column, row, how, value)


_UNREADABLE: dict[str, dict[type, tuple[str, ...]]] = {
    "sqlite": {
        schema.Day: ("'2026-02-30'", "'yesterday'", "'10000-01-01'", "''"),
        schema.Instant: (str(2**63 - 1), str(-(2**63))),
        type(schema.BigInt): (str(2**63 - 1),),
        sa.Text: ("CAST(x'ff' AS TEXT)",),
    },
    "postgresql": {
        schema.Day: ("'infinity'", "'0044-03-15 BC'"),
        schema.Instant: ("'-infinity'", "'294276-12-31Z'"),
    },
}


def unreadable(connection: sa.Connection) -> Iterator[Alteration]:
    """What the database takes for a value of a column, and nobody can reckon with."""
    values = _UNREADABLE[connection.dialect.name]
    for table in schema.metadata.sorted_tables:
        row = connection.execute(sa.select(table).order_by(*table.primary_key).limit(1)).one()
        for column in table.columns:
            for value in values.get(type(column.type), ()):
                yield Alteration(column, row, "unreadable", sa.literal_column(value))


@contextmanager
def altered(connection: sa.Connection, alteration: Alteration) -> Iterator[bool]:
    """The book with an alteration, and its guards back; whether it could be made at all."""
    table, column = alteration.column.table, alteration.column
    same = [key == getattr(alteration.row, key.name) for key in table.primary_key]
    update = sa.update(table).where(*same).values({column.name: alteration.value})
    savepoint = connection.begin_nested()
    try:
        with unguarded(connection, table):
            assert connection.execute(update).rowcount == 1
    except sa.exc.IntegrityError:
        savepoint.rollback()
        yield False
        return
    yield True
    savepoint.rollback()


@contextmanager
def unguarded(connection: sa.Connection, table: sa.Table) -> Iterator[None]:
    """A table without its triggers and foreign keys."""
    if connection.dialect.name == "sqlite":
        triggers = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?",
            (table.name,),
        ).all()
        for trigger in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {trigger.name}")
        yield
        for trigger in triggers:
            connection.exec_driver_sql(trigger.sql)
        return
    own = connection.exec_driver_sql(
        f"SELECT tgname FROM pg_trigger WHERE tgrelid = '{table}'::regclass AND NOT tgisinternal"
    ).scalars()
    names = ["ALL", *own]
    numbers = [f"ALTER {column.name} SET GENERATED" for column in table.columns if column.identity]
    loose = ["DISABLE TRIGGER ALL", *(f"{number} BY DEFAULT" for number in numbers)]
    again = ["ENABLE TRIGGER ALL", *(f"ENABLE ALWAYS TRIGGER {name}" for name in names[1:])]
    again += [f"{number} ALWAYS" for number in numbers]
    connection.exec_driver_sql(f"ALTER TABLE {table} {', '.join(loose)}")
    yield
    connection.exec_driver_sql(f"ALTER TABLE {table} {', '.join(again)}")
