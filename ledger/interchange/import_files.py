"""Reading the CSV files that can be imported; what is wrong in one is noted by its line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from ledger.engines import requests
from ledger.errors import LedgerError
from ledger.types import ImportProblem, NewTransaction, Posting

_TEXTS = ("kind", "key", "memo", "actor", "reference")
_SHARED = ("effective", *_TEXTS)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_MINUTES = re.compile(r"-?\d{1,18}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class FileTransaction:
    """A transaction that a file asks for, and the lines of the file that its postings are on."""

    new: NewTransaction
    lines: tuple[int, ...]

    def problem(self, column: str, message: str, place: int = 0) -> ImportProblem:
        """Return what is wrong with the posting at ``place``."""
        return ImportProblem(self.lines[min(place, len(self.lines) - 1)], column, message)


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    values: dict[str, str]


def read_journal(
    stream: Iterable[str], name: str, problems: list[ImportProblem]
) -> Iterator[FileTransaction]:
    """Yield the transactions of a journal, each from neighbouring rows of one ``transaction``."""
    group: list[_Row] = []
    number_lines: dict[str, int] = {}
    key_lines: dict[str, int] = {}
    for row in _rows(stream, ("transaction", "account", "amount"), problems):
        number = row.values["transaction"]
        if group and number != group[0].values["transaction"]:
            yield from _transaction(group, name, key_lines, problems)
            group = []
        if not group:
            if not number:
                problems.append(
                    ImportProblem(row.line, "transaction", "The transaction is missing.")
                )
                continue
            first = number_lines.setdefault(number, row.line)
            if first != row.line:
                message = f"Transaction {number} began on line {first} and ended before this one."
                problems.append(ImportProblem(row.line, "transaction", message))
        group.append(row)
    if group:
        yield from _transaction(group, name, key_lines, problems)


def read_opening_balances(
    stream: Iterable[str], name: str, against: str, problems: list[ImportProblem]
) -> Iterator[FileTransaction]:
    """Yield a transaction for each balance that is not zero."""
    code_lines: dict[str, int] = {}
    for row in _rows(stream, ("account", "minutes"), problems):
        code = row.values["account"]
        minutes = _minutes(row, "minutes", problems)
        first = code_lines.setdefault(code, row.line)
        if first != row.line:
            message = f"“{code}” has its balance on line {first} already."
            problems.append(ImportProblem(row.line, "account", message))
        elif code == against:
            message = "This account is the one that the balances come from."
            problems.append(ImportProblem(row.line, "account", message))
        elif minutes:
            new = NewTransaction(
                postings=(Posting(code, minutes), Posting(against, -minutes)),
                key=f"import:{name}:{code}",
                kind="opening",
            )
            yield FileTransaction(new, (row.line,))


def _transaction(
    group: list[_Row], name: str, key_lines: dict[str, int], problems: list[ImportProblem]
) -> Iterator[FileTransaction]:
    """Yield the transaction that a group of rows stands for, if nothing is wrong with it."""
    before = len(problems)
    first = group[0]
    postings = []
    for row in group:
        minutes = _minutes(row, "amount", problems)
        postings.append(Posting(row.values["account"], minutes or 0))
        if minutes == 0:
            problems.append(
                ImportProblem(row.line, "amount", "An entry of zero minutes moves nothing.")
            )
        for column in _SHARED:
            if row.values.get(column, "") != first.values.get(column, ""):
                message = f"It is another than on line {first.line} of the same transaction."
                problems.append(ImportProblem(row.line, column, message))
    effective = _date(first, problems)
    texts = {column: first.values[column] for column in _TEXTS if first.values.get(column)}
    key = texts.setdefault("key", f"import:{name}:{first.values['transaction']}")
    key_line = key_lines.setdefault(key, first.line)
    if key_line != first.line:
        problems.append(
            ImportProblem(first.line, "key", f"The key “{key}” is that of line {key_line}.")
        )
    if len(problems) > before:
        return
    try:
        requests.check_postings(postings)
    except LedgerError as error:
        problems.append(ImportProblem(first.line, "amount", str(error)))
    else:
        new = NewTransaction(postings=postings, effective=effective, **texts)
        yield FileTransaction(new, tuple(row.line for row in group))


def _rows(
    stream: Iterable[str], needed: tuple[str, ...], problems: list[ImportProblem]
) -> Iterator[_Row]:
    """Yield the rows by the names of their columns, without rows of empty cells.

    Spreadsheets write such rows, and a byte order mark at the beginning.
    """
    reader = csv.reader(_without_byte_order_mark(stream), strict=True)
    columns: list[str] | None = None
    while True:
        line = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            problems.append(ImportProblem(line, "", f"This is not CSV: {error}."))
            return
        if not any(value.strip() for value in values):
            continue
        if columns is None:
            columns = [value.strip().lower() for value in values]
            absent = [name for name in needed if columns.count(name) != 1]
            problems += [
                ImportProblem(line, name, "The file needs one such column.") for name in absent
            ]
            if absent:
                return
        elif len(values) != len(columns):
            message = f"The row has {len(values)} values for {len(columns)} columns."
            problems.append(ImportProblem(line, "", message))
        else:
            yield _Row(line, dict(zip(columns, values, strict=True)))
    if columns is None:
        problems.append(ImportProblem(1, "", "The file is empty."))


def _without_byte_order_mark(stream: Iterable[str]) -> Iterator[str]:
    lines = iter(stream)
    for first in lines:
        yield first.removeprefix("\ufeff")
        break
    yield from lines


def _minutes(row: _Row, column: str, problems: list[ImportProblem]) -> int | None:
    text = row.values[column].strip()
    if not _MINUTES.match(text) or abs(int(text)) > requests.MOST_MINUTES:
        message = f"“{text}” is not a whole number of minutes."
        problems.append(ImportProblem(row.line, column, message))
        return None
    return int(text)


def _date(row: _Row, problems: list[ImportProblem]) -> date | None:
    text = row.values.get("effective", "").strip()
    if not text:
        return None
    try:
        if not _DATE.match(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        message = f"“{text}” is not a date like 2026-09-01."
        problems.append(ImportProblem(row.line, "effective", message))
        return None
