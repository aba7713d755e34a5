"""Reading the lines of a register's file into values, a column at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from marketplace.schools.columns import Column, MonthFirstError, UnreadableError
from marketplace.schools.table import Line, RegisterError, Table


@dataclass(frozen=True, slots=True)
class RegisterProblem:
    """Something in a file that could not be read, and what became of it."""

    line: int
    column: str | None
    """The register's name of the column; None if the row as a whole is broken."""
    message: str
    file: str
    row_lost: bool
    """Whether the whole row was left out, or only this fact."""

    def __str__(self) -> str:
        location = f"{self.file}, line {self.line}"
        if self.column:
            location += f", column {self.column}"
        outcome = "the row is left out" if self.row_lost else "the fact is left as it was"
        return f"{location}: {self.message}; {outcome}."


class Reader:
    """Turns the lines of one table into values, and what cannot be read into problems.

    Raises:
        RegisterError: if the table lacks a required column.
    """

    def __init__(
        self, table: Table, columns: tuple[Column, ...], problems: list[RegisterProblem]
    ) -> None:
        indexes = {header.casefold(): index for index, header in enumerate(table.header)}
        missing = [
            column.header
            for column in columns
            if column.required and column.header.casefold() not in indexes
        ]
        if missing:
            noun = "column" if len(missing) == 1 else "columns"
            names = ", ".join(f"“{name}”" for name in missing)
            raise RegisterError(f"{table.name} lacks the {noun} {names}.")
        self._table = table
        self._problems = problems
        self._columns = [
            (indexes[column.header.casefold()], column)
            for column in columns
            if column.header.casefold() in indexes
        ]
        self._absent = {column.fact for column in columns} - {
            column.fact for _, column in self._columns
        }

    def rows(self) -> Iterator[tuple[Line, dict[str, Any] | None, set[str]]]:
        """Yield each line with its values (None if the row cannot be used) and its unread facts."""
        width = len(self._table.header)
        for line in self._table.lines():
            if len(line.cells) == width:
                yield line, *self._read(line)
            else:
                message = f"the row has {len(line.cells)} fields where the header has {width}"
                self.report(line, None, message, row_lost=True)
                yield line, None, set()

    def lacks(self, fact: str) -> bool:
        """Say whether the table lacks a column for ``fact``."""
        return fact in self._absent

    def report(
        self, line: Line, column: str | None, message: str, *, row_lost: bool = False
    ) -> None:
        """Note a problem of this table."""
        self._problems.append(
            RegisterProblem(line.number, column, message, self._table.name, row_lost)
        )

    def _read(self, line: Line) -> tuple[dict[str, Any] | None, set[str]]:
        values: dict[str, Any] = {}
        unread = set(self._absent)
        for index, column in self._columns:
            text = " ".join(line.cells[index].split())
            try:
                values[column.fact] = _cell(text, column, line)
            except MonthFirstError as error:
                raise RegisterError(
                    f"{self._table.name}, line {line.number}, column {column.header}:"
                    f" “{text[:60]}” {error}. The register writes the day first, so every date of"
                    " this file is in doubt. Use the file as it was downloaded."
                ) from error
            except UnreadableError as error:
                message = f"“{text[:60]}” {error}" if text else str(error)
                self.report(line, column.header, message, row_lost=column.required)
                if column.required:
                    return None, set()
                unread.add(column.fact)
        return values, unread


def _cell(text: str, column: Column, line: Line) -> Any:
    if not text:
        if column.required:
            raise UnreadableError("is empty")
        return None
    if line.garbled and not text.isascii():
        raise UnreadableError(line.garbled)
    if not text.isprintable():
        raise UnreadableError("holds characters that cannot be printed")
    return column.read(text)
