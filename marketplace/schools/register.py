"""The Department for Education's register of schools, read as it is published.

A pure reader: it opens the downloaded zip (or CSV files from it, with or without the links),
turns rows into facts one at a time, and collects what it could not read. It knows no database.
The register has several downloads: all establishments, the state-funded schools, the academies
and free schools. Each is read, and two or three of them together.

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
from marketplace.schools.columns import COLUMNS, LINK_COLUMNS
from marketplace.schools.facts import Phase, SizeBand, Status, UrbanRural
from marketplace.schools.reading import Reader, RegisterProblem
from marketplace.schools.table import (
    SCHOOL_FILES,
    Line,
    RegisterError,
    Table,
    file_date,
    file_kind,
    open_tables,
)

__all__ = [
    "LinkRow",
    "Register",
    "RegisterError",
    "RegisterProblem",
    "SchoolRow",
    "open_register",
]


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
    trust_code: str | None = None
    trust_name: str | None = None
    """There is no code without a name. Where the trust is unread, ``unread`` has its name."""
    street: str | None = None
    locality: str | None = None
    town: str | None = None
    county: str | None = None
    postcode: str | None = None
    website: str | None = None
    region: str | None = None
    setting: UrbanRural | None = None
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


# Facts that are derived from an unread fact are unread, too.
_DERIVED = {"pupils": "size_band", "setting_text": "setting"}


class Register:
    """An opened register: its schools, its links, and the problems met so far.

    A register may come in several files of which each holds some of the schools, and some of
    them twice: the first file that holds a school counts.

    Iterate over ``schools()`` once, then over ``links()`` once.
    """

    def __init__(self, schools: list[Table], links: list[Table]) -> None:
        self.problems: list[RegisterProblem] = []
        self.rows_left_out = 0
        """Schools whose row could not be used; their problems have ``row_lost``."""
        self._school_tables = schools
        self._link_tables = links
        self._school_readers = [Reader(table, COLUMNS, self.problems) for table in schools]
        self._link_readers = [Reader(table, LINK_COLUMNS, self.problems) for table in links]

    @property
    def schools_progress(self) -> tuple[int, int]:
        """The bytes of the schools' files: read so far, and in all."""
        return _progress(self._school_tables)

    @property
    def links_progress(self) -> tuple[int, int]:
        """The bytes of the links' files: read so far, and in all."""
        return _progress(self._link_tables)

    def schools(self) -> Iterator[SchoolRow]:
        """Yield every school whose row can be used; report the other rows as problems.

        Raises:
            RegisterError: if there is no school at all, if a file turns out to be damaged, or if
                its dates have the month before the day.
        """
        earlier: set[int] = set()
        for reader in self._school_readers:
            urns: set[int] = set()
            for line, values, unread in reader.rows():
                if values is not None and values["urn"] in urns:
                    reader.report(line, "URN", f"{values['urn']} came before", row_lost=True)
                    values = None
                if values is None:
                    self.rows_left_out += 1
                    continue
                urns.add(values["urn"])
                if values["urn"] not in earlier:
                    yield _school_row(reader, line, values, unread)
            earlier |= urns
        if not earlier and not self.rows_left_out:
            names = " and ".join(table.name for table in self._school_tables)
            verbs = "names its" if len(self._school_tables) == 1 else "name their"
            hold = "holds" if len(self._school_tables) == 1 else "hold"
            raise RegisterError(f"{names} {verbs} columns but {hold} no school.")

    def links(self) -> Iterator[LinkRow]:
        """Yield every link that can be used; none if there is no links file."""
        for reader in self._link_readers:
            for _, values, _ in reader.rows():
                if values is not None:
                    yield LinkRow(**values)


def _progress(tables: list[Table]) -> tuple[int, int]:
    return sum(table.bytes_read for table in tables), sum(table.size for table in tables)


def _school_row(reader: Reader, line: Line, values: dict[str, Any], unread: set[str]) -> SchoolRow:
    _check_position(reader, line, values, unread)
    _check_ages(reader, line, values, unread)
    _check_trust(reader, line, values, unread)
    unread |= {_DERIVED[fact] for fact in unread & _DERIVED.keys()}
    return SchoolRow(
        line=line.number,
        unread=frozenset(unread),
        search_name=facts.search_name(values["name"]),
        size_band=facts.size_band(values.get("pupils")),
        setting=facts.setting(values.get("setting_text")),
        **values,
    )


def _check_position(reader: Reader, line: Line, values: dict[str, Any], unread: set[str]) -> None:
    """Refuse half a position, and (0, 0), which is in the sea."""
    easting, northing = values.get("easting"), values.get("northing")
    pair = {"easting", "northing"}
    unreadable = bool(pair & unread)
    half = (easting is None) != (northing is None)
    if half and not unreadable:
        reader.report(line, "Northing", "Easting and Northing must go together")
    if half or unreadable:
        unread |= pair
    if half or unreadable or (easting, northing) == (0, 0):
        values.update(easting=None, northing=None)


def _check_ages(reader: Reader, line: Line, values: dict[str, Any], unread: set[str]) -> None:
    """Refuse ages that end before they begin."""
    low, high = values.get("age_low"), values.get("age_high")
    if low is not None and high is not None and low > high:
        reader.report(line, "StatutoryHighAge", f"“{high}” is below the lowest age")
        values.update(age_low=None, age_high=None)
        unread |= {"age_low", "age_high"}


def _check_trust(reader: Reader, line: Line, values: dict[str, Any], unread: set[str]) -> None:
    """Leave the trust unread if its code cannot be read: a name alone does not identify it."""
    nameless = values.get("trust_code") is not None and values.get("trust_name") is None
    if nameless and "trust_name" not in unread:
        reader.report(line, "Trusts (name)", f"trust {values['trust_code']} has no name")
    garbled = "trust_code" in unread and not reader.lacks("trust_code")
    if nameless or garbled or "trust_name" in unread:
        values.update(trust_code=None, trust_name=None)
        unread.add("trust_name")
    unread.discard("trust_code")


@contextmanager
def open_register(*paths: Path) -> Iterator[Register]:
    """Open the register in ``paths``: its zip, or its CSV files with or without their links.

    Which CSV files hold links is told by their headers.

    Raises:
        RegisterError: if the files cannot be used at all; the message says why.
    """
    with ExitStack() as stack:
        schools: list[Table] = []
        links: list[Table] = []
        for table in open_tables(paths, stack):
            header = {name.casefold() for name in table.header}
            (links if "linkurn" in header else schools).append(table)
        if not (_one_register(schools) and _one_register(links)):
            names = ", ".join(table.name for table in schools + links)
            raise RegisterError(f"Give one register at a time; these are too many: {names}.")
        if not schools:
            raise RegisterError("This is only the links file; give the register itself with it.")
        # If two files hold the same school, the newer file counts, then the fuller one.
        schools.sort(key=lambda table: _fullness(table.name))
        schools.sort(key=lambda table: file_date(table.name), reverse=True)
        yield Register(schools, links)


def _one_register(tables: list[Table]) -> bool:
    """Say whether ``tables`` are one file, or different downloads of the same register."""
    kinds = [file_kind(table.name) for table in tables]
    return len(tables) <= 1 or (None not in kinds and len(set(kinds)) == len(kinds))


def _fullness(name: str) -> int:
    kind = file_kind(name)
    return SCHOOL_FILES.index(kind) if kind in SCHOOL_FILES else len(SCHOOL_FILES)
