"""A statement as a spreadsheet: numbers are numbers, days are days, totals are formulas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, Any

import xlsxwriter
from sqlalchemy.orm import Session

from marketplace.credits.chart import kind_label
from marketplace.statements.downloads.document import StatementDocument
from marketplace.statements.downloads.words import about, credits_of
from marketplace.statements.figures import Moved

CREDITS = "#,##0.00;[Red]-#,##0.00"
HEAD = ("Recorded on", "Date", "No", "Kind", "For", "School", "Credits", "Balance")
FIRST_ENTRY = 10
"""The row of the first entry, below what the statement is of and its opening balance."""


def write_spreadsheet(session: Session, document: StatementDocument, file: IO[bytes]) -> None:
    """Write the statement to ``file``; one row at a time is held in memory."""
    book = xlsxwriter.Workbook(
        file,
        {
            "constant_memory": True,
            "default_date_format": "d mmm yyyy",
            "strings_to_formulas": False,
            "strings_to_urls": False,
        },
    )
    # The instant of the statement, not of the writing: a closed period comes out the same.
    created = document.produced_at.replace(tzinfo=None, microsecond=0)
    book.set_properties({"title": about(document)[0], "created": created})
    _write_entries(book, session, document)
    _write_parts(
        book,
        "By month",
        "Month",
        [(f"{month:%B %Y}", moved) for month, moved in document.figures.by_month.items()],
    )
    partners = [
        (document.partner_names[code], moved) for code, moved in document.figures.by_partner.items()
    ]
    _write_parts(book, "By school", "School", sorted(partners, key=lambda row: row[0]))
    book.close()


def _write_entries(book: Any, session: Session, document: StatementDocument) -> None:
    sheet = book.add_worksheet("Statement")
    bold, head = book.add_format({"bold": True}), book.add_format({"bold": True, "bottom": 1})
    day = book.add_format({"num_format": "d mmm yyyy", "align": "left"})
    money = book.add_format({"num_format": CREDITS})
    total = book.add_format({"num_format": CREDITS, "bold": True, "top": 1})
    for column, width in enumerate((13, 13, 9, 14, 44, 40, 11, 11)):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(FIRST_ENTRY - 1, 0)
    sheet.repeat_rows(FIRST_ENTRY - 2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&LPage &P of &N")
    lines = about(document)
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, line, bold if row == 0 else None)
    for column, label in enumerate(HEAD):
        sheet.write_string(FIRST_ENTRY - 2, column, label, head)
    sheet.write_string(FIRST_ENTRY - 1, 4, "Opening balance", bold)
    sheet.write_number(FIRST_ENTRY - 1, 7, credits_of(document.figures.opening), money)
    row = FIRST_ENTRY
    for entry in document.entries(session):
        sheet.write_datetime(row, 0, entry.day, day)
        sheet.write_datetime(row, 1, entry.effective, day)
        sheet.write_number(row, 2, entry.number)
        for column, text in enumerate(
            (kind_label(entry.kind), entry.title, entry.partners), start=3
        ):
            sheet.write_string(row, column, text)
        sheet.write_number(row, 6, credits_of(entry.minutes), money)
        sheet.write_number(row, 7, credits_of(entry.balance), money)
        row += 1
    sheet.write_string(row, 4, "Closing balance", bold)
    moved = f"=SUM(G{FIRST_ENTRY + 1}:G{row})" if row > FIRST_ENTRY else "=0"
    sheet.write_formula(row, 6, moved, total, credits_of(document.figures.net))
    sheet.write_formula(
        row, 7, f"=H{FIRST_ENTRY}+G{row + 1}", total, credits_of(document.figures.closing)
    )


def _write_parts(book: Any, title: str, label: str, parts: Iterable[tuple[str, Moved]]) -> None:
    """A sheet with one row a part, and the sums as formulas."""
    sheet = book.add_worksheet(title)
    head = book.add_format({"bold": True, "bottom": 1})
    money = book.add_format({"num_format": CREDITS})
    total = book.add_format({"num_format": CREDITS, "bold": True, "top": 1})
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 4, 12)
    sheet.freeze_panes(1, 0)
    for column, text in enumerate((label, "Given", "Received", "Other", "Together")):
        sheet.write_string(0, column, text, head)
    row, together = 1, Moved()
    for name, moved in parts:
        sheet.write_string(row, 0, name)
        for column, minutes in enumerate((moved.given, -moved.received, moved.other), start=1):
            sheet.write_number(row, column, credits_of(minutes), money)
        sheet.write_formula(row, 4, f"=SUM(B{row + 1}:D{row + 1})", money, credits_of(moved.net))
        together += moved
        row += 1
    sheet.write_string(row, 0, "Together", head)
    sums = (together.given, -together.received, together.other, together.net)
    for column, minutes in enumerate(sums, start=1):
        letter = "ABCDE"[column]
        formula = f"=SUM({letter}2:{letter}{row})" if row > 1 else "=0"
        sheet.write_formula(row, column, formula, total, credits_of(minutes))
