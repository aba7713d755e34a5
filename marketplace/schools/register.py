"""The Department for Education's register of schools, read as it is published.

A pure reader: it opens the downloaded zip (or a CSV out of it, with or without the links file),
turns rows into facts one at a time, and collects what it could not read. It knows no database.

A fact that a file has no column for, or whose cell cannot be read, is *unread*: nothing is known
that could contradict what was known before. An empty cell in a column that is there says that
the fact is unknown. Columns about people (head teachers, telephones, e-mail addresses) are not
looked at: only the columns named here are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from marketplace.schools import facts
from marketplace.schools.columns import COLUMNS, LINK_COLUMNS, Column, UnreadableError
from marketplace.schools.facts import Phase, Setting, SizeBand, Status
from marketplace.schools.table import Line, RegisterError, Table, open_tables

__all__ = [
    "LinkRow",
    "Problem",
    "Register",
    "RegisterError",
    "SchoolRow",
    "open_register",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that could not be read, and what became of it."""

    line: int
    column: str | None
    """The register's name of the column; None if the row as a whole is broken."""
    message: str
    file: str
    row_lost: bool
    """Whether the whole row was left out, or only this fact."""

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}"
        if self.column:
            place += f", column {self.column}"
        outcome = "the row is left out" if self.row_lost else "the fact is left as it was"
        return f"{place}: {self.message}; {outcome}."


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """What the register says of one school; None is unknown."""

    line: int
    unread: frozenset[str]
    """The facts (names of fields) of which this file says nothing."""
    urn: int
    name: str
    search_name: str
    status: Status
    type_name: str
    local_authority_code: str
    local_authority_name: str
    opened_on: date | None = None
    closed_on: date | None = None
    phase: Phase | None = None
    age_low: int | None = None
    age_high: int | None = None
    gender: str | None = None
    religious_character: str | None = None
    boarders: str | None = None
    sixth_form: bool | None = None
    pupils: int | None = None
    size_band: SizeBand | None = None
    fsm_permille: int | None = None
    """Pupils with free school meals, in thousandths."""
    trust_name: str | None = None
    street: str | None = None
    locality: str | None = None
    town: str | None = None
    county: str | None = None
    postcode: str | None = None
    website: str | None = None
    region: str | None = None
    setting: Setting | None = None
    setting_text: str | None = None
    easting: int | None = None
    northing: int | None = None
    register_changed_on: date | None = None


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link between two schools: ``link_urn`` is the ``link_type`` of ``urn``."""

    urn: int
    link_urn: int
    link_type: str
    established_on: date | None = None


# What is worked out of a fact is unread with it.
_DERIVED = {"pupils": "size_band", "setting_text": "setting"}


class Register:
    """An opened register: its schools, its links, and the problems met so far.

    Iterate over ``schools()`` once, then over ``links()`` once.
    """

    def __init__(self, schools: Table, links: Table | None) -> None:
        self.problems: list[Problem] = []
        self.rows_left_out = 0
        """Schools whose row could not be used; their problems have ``row_lost``."""
        self.schools_table = schools
        self.links_table = links
        self._schools = _Reader(schools, COLUMNS, self.problems)
        self._links = _Reader(links, LINK_COLUMNS, self.problems) if links else None

    def schools(self) -> Iterator[SchoolRow]:
        """Every school whose row can be used; what cannot becomes a problem.

        Raises:
            RegisterError: if there is no school at all, or the file turns out to be damaged.
        """
        seen: set[int] = set()
        for line, values, unread in self._schools.rows():
            if values is not None and values["urn"] in seen:
                self._schools.report(line, "URN", f"{values['urn']} came before", row_lost=True)
                values = None
            if values is None:
                self.rows_left_out += 1
                continue
            seen.add(values["urn"])
            self._check_position(line, values, unread)
            self._check_ages(line, values, unread)
            unread |= {_DERIVED[fact] for fact in unread & _DERIVED.keys()}
            yield SchoolRow(
                line=line.number,
                unread=frozenset(unread),
                search_name=facts.search_name(values["name"]),
                size_band=facts.size_band(values.get("pupils")),
                setting=facts.setting(values.get("setting_text")),
                **values,
            )
        if not seen and not self.rows_left_out:
            raise RegisterError(f"{self.schools_table.name} names its columns but holds no school.")

    def links(self) -> Iterator[LinkRow]:
        """Every link that can be used; none if there is no links file."""
        if self._links is not None:
            for _, values, _ in self._links.rows():
                if values is not None:
                    yield LinkRow(**values)

    def _check_position(self, line: Line, values: dict[str, Any], unread: set[str]) -> None:
        """Half a position is none, and (0, 0) is in the sea."""
        easting, northing = values.get("easting"), values.get("northing")
        pair = {"easting", "northing"}
        unreadable = bool(pair & unread)
        half = (easting is None) != (northing is None)
        if half and not unreadable:
            self._schools.report(line, "Northing", "Easting and Northing must go together")
        if half or unreadable:
            unread |= pair
        if half or unreadable or (easting, northing) == (0, 0):
            values.update(easting=None, northing=None)

    def _check_ages(self, line: Line, values: dict[str, Any], unread: set[str]) -> None:
        """Ages do not end before they begin."""
        low, high = values.get("age_low"), values.get("age_high")
        if low is not None and high is not None and low > high:
            self._schools.report(line, "StatutoryHighAge", f"“{high}” is below the lowest age")
            values.update(age_low=None, age_high=None)
            unread |= {"age_low", "age_high"}


class _Reader:
    """Turns the lines of one table into values, and what it cannot read into problems."""

    def __init__(self, table: Table, columns: tuple[Column, ...], problems: list[Problem]) -> None:
        places = {header.casefold(): place for place, header in enumerate(table.header)}
        missing = [
            column.header
            for column in columns
            if column.required and column.header.casefold() not in places
        ]
        if missing:
            noun = "column" if len(missing) == 1 else "columns"
            names = ", ".join(f"“{name}”" for name in missing)
            raise RegisterError(f"{table.name} lacks the {noun} {names}.")
        self._table = table
        self._problems = problems
        self._columns = [
            (places[column.header.casefold()], column)
            for column in columns
            if column.header.casefold() in places
        ]
        self._absent = {column.fact for column in columns} - {
            column.fact for _, column in self._columns
        }

    def rows(self) -> Iterator[tuple[Line, dict[str, Any] | None, set[str]]]:
        """Each line with its values (None if the row cannot be used) and its unread facts."""
        width = len(self._table.header)
        for line in self._table.lines():
            if len(line.cells) == width:
                yield line, *self._read(line)
            else:
                message = f"the row has {len(line.cells)} fields where the header has {width}"
                self.report(line, None, message, row_lost=True)
                yield line, None, set()

    def report(
        self, line: Line, column: str | None, message: str, *, row_lost: bool = False
    ) -> None:
        """Keep a problem of this table."""
        self._problems.append(Problem(line.number, column, message, self._table.name, row_lost))

    def _read(self, line: Line) -> tuple[dict[str, Any] | None, set[str]]:
        values: dict[str, Any] = {}
        unread = set(self._absent)
        for place, column in self._columns:
            text = " ".join(line.cells[place].split())
            try:
                values[column.fact] = _cell(text, column, line)
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


@contextmanager
def open_register(*paths: Path) -> Iterator[Register]:
    """Open the register in ``paths``: its zip, or its CSV with or without the links CSV.

    Which of two CSV files holds the links is told by their headers.

    Raises:
        RegisterError: if the files cannot be used at all; the message says why.
    """
    with ExitStack() as stack:
        schools: list[Table] = []
        links: list[Table] = []
        for table in open_tables(paths, stack):
            header = {name.casefold() for name in table.header}
            (links if "linkurn" in header else schools).append(table)
        if len(schools) > 1 or len(links) > 1:
            names = ", ".join(table.name for table in schools + links)
            raise RegisterError(f"Give one register at a time; these are too many: {names}.")
        if not schools:
            raise RegisterError("This is only the links file; give the register itself with it.")
        yield Register(schools[0], links[0] if links else None)
