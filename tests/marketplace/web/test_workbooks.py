"""Workbooks that are sent while they are written, as a reader of Excel files has them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime

import openpyxl

from marketplace.web.workbooks import Column, workbook_pieces

COLUMNS = (
    Column("text", 40),
    Column("day", number_format="date"),
    Column("at", number_format="instant"),
    Column("minutes", adds_up=3),
    Column("credits", number_format="decimal", adds_up=3, divisor=60),
)
AT = datetime(2026, 3, 29, 23, 59, 30)  # noqa: DTZ001  # Excel knows no zones


def test_texts_days_numbers_and_totals_come_as_they_are() -> None:
    rows = [
        ["=1+1", date(2024, 2, 29), AT, 90, 1.5],
        [" <b>&amp; “½”\x01\n", None, None, -20, -1 / 3],
        ["", date(1999, 12, 31), None, None, None],
    ]
    data = b"".join(workbook_pieces("A & B", COLUMNS, rows))
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["A & B"]
    head, *read, totals = book["A & B"].iter_rows(values_only=True)
    assert head == ("text", "day", "at", "minutes", "credits")
    assert [row[0] for row in read] == ["=1+1", " <b>&amp; “½”\N{REPLACEMENT CHARACTER}\n", None]
    assert book.active["A2"].data_type != "f"
    assert [row[1] and row[1].date() for row in read] == [
        date(2024, 2, 29),
        None,
        date(1999, 12, 31),
    ]
    assert read[0][2] == AT
    assert [row[3:] for row in read] == [(90, 1.5), (-20, -1 / 3), (None, None)]
    assert totals == ("Total", None, None, "=SUM(D2:D4)", "=SUM(D2:D4)/60")
    shown = openpyxl.load_workbook(io.BytesIO(data), data_only=True).active
    assert [cell.value for cell in shown[5]][3:] == [70, 70 / 60]


def test_nothing_is_a_workbook_with_names_only() -> None:
    data = b"".join(workbook_pieces("Journal", COLUMNS, []))
    rows = list(openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["text", "Total"]


def test_it_is_sent_before_all_rows_are_read() -> None:
    read = 0

    def rows() -> Iterator[list[object]]:
        nonlocal read
        for read in range(1, 20_001):  # what is read, not what is in it
            yield [f"{read * 7919}", None, None, read, None]

    sent = 0
    for piece in workbook_pieces("Journal", COLUMNS, rows()):  # type: ignore[arg-type]
        sent += len(piece)
        if read > 5_000:
            break
    assert sent > 10_000
    assert read < 20_000
