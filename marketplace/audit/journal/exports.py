"""What is filtered in the journal, as a file: CSV, Excel, hledger and Beancount.

The records are read a page at a time, of one state of the database, so memory holds one page and
no writer waits. CSV, hledger and Beancount are sent while they are read; Excel's is written to a
temporary file first, because its contents come last.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, Any

import xlsxwriter
from flask import Response, stream_with_context
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ledger import Book, Form, Transaction, export_part
from marketplace.audit.journal.criteria import Criteria
from marketplace.audit.journal.records import UNMOVED_KINDS, is_out_of_hours, journal_kind
from marketplace.audit.journal.search import JournalSearch
from marketplace.clock import LONDON, today
from marketplace.credits.chart import account_names, actor_names, kind_label
from marketplace.credits.records import accounts_of, moved_minutes, record_title
from marketplace.database import db
from marketplace.errors import Refusal
from marketplace.web.tables import Cell, csv_response, decimal_credits, spreadsheet_response

EXPORT_PAGE = 1_000
MOST_IN_EXCEL = 200_000
"""So many records go into one workbook: it is sent only when all of it is written."""
FORMS = ("csv", "xlsx", "hledger", "beancount")
COLUMNS = (
    "number",
    "date",
    "recorded (London)",
    "kind",
    "text",
    "from",
    "to",
    "moved, minutes",
    "moved, credits",
    "held or released, minutes",
    "by",
    "out of hours",
    "reverses",
    "reversed by",
    "hold",
    "reference",
    "key",
)
_DATE, _INSTANT, _MOVED, _CREDITS, _HELD = 1, 2, 7, 8, 9
"""The places of the columns that are no texts."""
_WIDTHS = {"text": 40, "from": 28, "to": 28, "by": 34, "recorded (London)": 18, "key": 24}


def export_journal(form: str, criteria: Criteria) -> ResponseReturnValue:
    """Return the records that fit ``criteria`` as a file.

    Raises:
        Refusal: there are too many for Excel.
    """
    name = f"journal-{today()}"
    if form == "csv":
        return csv_response(f"{name}.csv", _csv_rows(criteria))
    if form == "xlsx":
        return spreadsheet_response(f"{name}.xlsx", _workbook(criteria))
    programs: dict[str, tuple[Form, str]] = {
        "hledger": ("hledger", "journal"),
        "beancount": ("beancount", "beancount"),
    }
    program, ending = programs[form]
    return Response(
        stream_with_context(_text(program, criteria)),
        mimetype="text/plain",
        headers={"Content-Disposition": f'attachment; filename="{name}.{ending}"'},
    )


@contextmanager
def _one_state() -> Iterator[Session]:
    """A session of its own that only reads, and reads one state of the database."""
    options: dict[str, Any] = {"read_only": True, "postgresql_readonly": True}
    if db.engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with db.engine.execution_options(**options).connect() as connection:
        yield Session(connection)


def _pages(session: Session, criteria: Criteria) -> Iterator[list[Transaction]]:
    """The records that fit, as the ledger has them, a page at a time."""
    book = Book(session)
    for hits in JournalSearch(session, criteria).pages(EXPORT_PAGE):
        records = book.transactions([hit.number for hit in hits])
        yield [records[hit.number] for hit in hits if hit.number in records]
        session.expunge_all()


def _csv_rows(criteria: Criteria) -> Iterator[Sequence[Cell]]:
    yield COLUMNS
    with _one_state() as session:
        for records in _pages(session, criteria):
            for row in _rows(session, records):
                yield [
                    cell.isoformat(" ", "seconds") if place == _INSTANT else cell
                    for place, cell in enumerate(row)
                ]


def _text(form: Form, criteria: Criteria) -> Iterator[str]:
    """The part of the journal for a program, oldest first."""
    oldest_first = replace(criteria, newest_first=False)
    with _one_state() as session:
        yield from export_part(
            (one for records in _pages(session, oldest_first) for one in records), form
        )


def _rows(session: Session, records: Sequence[Transaction]) -> Iterator[list[Any]]:
    """The cells of each record, in the order of `COLUMNS`."""
    names = account_names(session, {code for one in records for code in accounts_of(one)})
    actors = actor_names(session, {one.actor for one in records})
    for one in records:
        kind, minutes = journal_kind(one), moved_minutes(one)
        moved = minutes if kind not in UNMOVED_KINDS else None
        gives, takes = _accounts(one)
        yield [
            one.id,
            one.effective,
            one.recorded.astimezone(LONDON).replace(tzinfo=None, microsecond=0),
            kind_label(kind),
            _words(one, names),
            "; ".join(names[code] for code in gives),
            "; ".join(names[code] for code in takes),
            moved,
            decimal_credits(moved) if moved is not None else None,
            minutes if moved is None else None,
            actors[one.actor],
            "yes" if one.actor.startswith("person:") and is_out_of_hours(one.recorded) else "",
            one.reverses,
            one.reversed_by,
            one.hold_id,
            one.reference,
            one.key,
        ]


def _words(one: Transaction, names: dict[str, str]) -> str:
    title = record_title(one, names)
    return f"{title}: {one.memo}" if title and one.memo else title or one.memo


def _accounts(one: Transaction) -> tuple[list[str], list[str]]:
    """The accounts that gave, or are held from; and those that took, or are held for."""
    if one.reservation is not None:
        return [one.reservation.source], [one.reservation.target]
    if one.change is not None:
        return [one.change.account], []
    gives = dict.fromkeys(entry.account for entry in one.entries if entry.amount < 0)
    takes = dict.fromkeys(entry.account for entry in one.entries if entry.amount > 0)
    return list(gives), list(takes)


def _workbook(criteria: Criteria) -> IO[bytes]:
    """A temporary file with the workbook: numbers and dates are real, totals are formulas."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # who sends it closes it
    try:
        with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
            _write_sheet(book, criteria)
    except BaseException:
        file.close()
        raise
    return file


def _write_sheet(book: Any, criteria: Criteria) -> None:
    sheet = book.add_worksheet("Journal")
    bold = book.add_format({"bold": True})
    hours = book.add_format({"num_format": "#,##0.00"})
    total = book.add_format({"bold": True, "num_format": "#,##0.00"})
    for place, name in enumerate(COLUMNS):
        sheet.set_column(place, place, _WIDTHS.get(name, 12))
        sheet.write_string(0, place, name, bold)
    sheet.freeze_panes(1, 1)
    write = {
        _DATE: _writer(sheet.write_datetime, book.add_format({"num_format": "yyyy-mm-dd"})),
        _INSTANT: _writer(
            sheet.write_datetime, book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        ),
    }
    last = 0
    with _one_state() as session:
        for records in _pages(session, criteria):
            for row in _rows(session, records):
                last += 1
                if last > MOST_IN_EXCEL:
                    raise Refusal(
                        f"These are more than {MOST_IN_EXCEL:,} records, which is too many for"
                        " one workbook. Narrow the journal, or download them as CSV."
                    )
                for place, cell in enumerate(row):
                    if place in write:
                        write[place](last, place, cell)
                    elif place == _CREDITS and row[_MOVED] is not None:
                        sheet.write_number(last, place, row[_MOVED] / 60, hours)
                    elif isinstance(cell, int):
                        sheet.write_number(last, place, cell)
                    elif isinstance(cell, str) and cell:
                        sheet.write_string(last, place, cell)
    _write_totals(sheet, last, bold, total)


def _writer(write: Callable[..., Any], cell_format: Any) -> Callable[[int, int, Any], Any]:
    return lambda row, place, cell: write(row, place, cell, cell_format)


def _write_totals(sheet: Any, last: int, bold: Any, total: Any) -> None:
    """The line below the records, which the spreadsheet adds up by itself."""
    below = last + 1
    sheet.write_string(below, 0, "Total", bold)
    if last:
        for place, cell_format in ((_MOVED, bold), (_CREDITS, total), (_HELD, bold)):
            column = xlsxwriter.utility.xl_col_to_name(place)
            formula = f"=SUM({column}2:{column}{last + 1})"
            if place == _CREDITS:
                minutes = xlsxwriter.utility.xl_col_to_name(_MOVED)
                formula = f"=SUM({minutes}2:{minutes}{last + 1})/60"
            sheet.write_formula(below, place, formula, cell_format)
