"""The credits of a trust as files: CSV, and a spreadsheet whose totals are formulas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import IO, Any

import xlsxwriter

from marketplace.statements.downloads.spreadsheet import CREDITS
from marketplace.statements.downloads.words import credits_of, moment_in_london
from marketplace.statements.figure_rows import PartRow
from marketplace.statements.period import Period
from marketplace.statements.trust.presenters import TrustRow, partner_rows, school_rows, total_row
from marketplace.statements.trust.queries import TrustFigures
from marketplace.web.tables import Cell, decimal_credits

CSV_HEAD: tuple[Cell, ...] = (
    *("urn", "school", "opening_minutes", "given_outside_minutes", "received_outside_minutes"),
    *("within_trust_minutes", "other_minutes", "closing_minutes", "closing_credits"),
    *("held_now_minutes", "available_now_minutes"),
)
HEAD = (
    *("URN", "School", "Opening", "Given outside", "Received outside", "Within the trust"),
    *("Other", "Closing", "Held now", "Available now"),
)
FIRST_SCHOOL = 5
"""The row of the first school, below what the sheet is of and its heading."""


def csv_rows(
    figures: TrustFigures, period: Period, names: Mapping[str, str]
) -> Iterator[tuple[Cell, ...]]:
    """Yield a row for each school and one for the trust; minutes are whole and add up exactly."""
    yield CSV_HEAD
    rows = school_rows(figures, period, names)
    for school, row in zip(figures.schools, rows, strict=True):
        yield school.urn, row.name, *_amounts(row)
    yield "", "The trust", *_amounts(total_row(figures))


def _amounts(row: TrustRow) -> tuple[Cell, ...]:
    return (
        row.opening,
        row.outside.given,
        -row.outside.received,
        row.within,
        row.outside.other,
        row.closing,
        decimal_credits(row.closing),
        row.held,
        row.available,
    )


def write_spreadsheet(
    figures: TrustFigures,
    period: Period,
    names: Mapping[str, str],
    file: IO[bytes],
    *,
    trust_name: str,
    produced_at: datetime,
    produced_by: str,
) -> None:
    """Write the figures of a trust to ``file``; closing balances and totals are formulas."""
    # A trust's sheets are short: written a row at a time, they took twice as long.
    book = xlsxwriter.Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    created = produced_at.replace(tzinfo=None, microsecond=0)
    book.set_properties({"title": f"Credits of {trust_name}", "created": created})
    about = (
        f"Credits of {trust_name}",
        f"{period.days}. 1 credit is 1 hour",
        f"Produced on {moment_in_london(produced_at)} by {produced_by}",
    )
    _write_schools(book, about, figures, school_rows(figures, period, names))
    _write_partners(book, partner_rows(figures, names))
    book.close()


def _write_schools(
    book: Any, about: Iterable[str], figures: TrustFigures, rows: list[TrustRow]
) -> None:
    sheet = book.add_worksheet("Schools")
    bold, head = book.add_format({"bold": True}), book.add_format({"bold": True, "bottom": 1})
    money = book.add_format({"num_format": CREDITS})
    total = book.add_format({"num_format": CREDITS, "bold": True, "top": 1})
    sheet.set_column(0, 0, 9)
    sheet.set_column(1, 1, 44)
    sheet.set_column(2, 9, 14)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.freeze_panes(FIRST_SCHOOL, 2)
    for number, line in enumerate(about):
        sheet.write_string(number, 0, line, bold if number == 0 else None)
    for column, label in enumerate(HEAD):
        sheet.write_string(FIRST_SCHOOL - 1, column, label, head)
    number = FIRST_SCHOOL
    for school, row in zip(figures.schools, rows, strict=True):
        sheet.write_number(number, 0, school.urn)
        sheet.write_string(number, 1, row.name)
        for column, minutes in enumerate(_moved(row), start=2):
            sheet.write_number(number, column, credits_of(minutes), money)
        closing = f"=SUM(C{number + 1}:G{number + 1})"
        sheet.write_formula(number, 7, closing, money, credits_of(row.closing))
        sheet.write_number(number, 8, credits_of(row.held), money)
        if row.available is not None:
            sheet.write_number(number, 9, credits_of(row.available), money)
        number += 1
    sums = total_row(figures)
    sheet.write_string(number, 1, sums.name, bold)
    amounts = (*_moved(sums), sums.closing, sums.held, sums.available)
    for column, amount in enumerate(amounts, start=2):
        if amount is not None:
            letter = "ABCDEFGHIJ"[column]
            formula = f"=SUM({letter}{FIRST_SCHOOL + 1}:{letter}{number})"
            sheet.write_formula(number, column, formula, total, credits_of(amount))


def _moved(row: TrustRow) -> tuple[int, ...]:
    """The opening balance and what moved, of which the closing balance is the sum."""
    return row.opening, row.outside.given, -row.outside.received, row.within, row.outside.other


def _write_partners(book: Any, partners: Iterable[PartRow]) -> None:
    sheet = book.add_worksheet("Schools outside")
    head = book.add_format({"bold": True, "bottom": 1})
    money = book.add_format({"num_format": CREDITS})
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 2, 14)
    sheet.freeze_panes(1, 0)
    for column, label in enumerate(("School", "Given", "Received")):
        sheet.write_string(0, column, label, head)
    for number, row in enumerate(partners, start=1):
        sheet.write_string(number, 0, row.name)
        sheet.write_number(number, 1, credits_of(row.moved.given), money)
        sheet.write_number(number, 2, credits_of(-row.moved.received), money)
