"""Tables as CSV files that a spreadsheet opens correctly."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import IO

from flask import Response, stream_with_context

from marketplace.web.texts import without_invisible_start

Cell = str | int | Decimal | date | None
"""A text, which is defused, or a number or a day, which is written as it is."""

BYTE_ORDER_MARK = "\ufeff"
"""Without it, a spreadsheet takes UTF-8 for Windows-1252 and garbles “½” and “é”."""

_ROWS_AT_ONCE = 500
_PIECE = 64 * 1024


def csv_response(filename: str, rows: Iterable[Iterable[Cell]]) -> Response:
    """Return the answer that downloads ``rows`` as the CSV file ``filename``.

    The rows are written while they are sent, so that a long table is never held whole.
    """
    return Response(
        stream_with_context(csv_chunks(rows)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


def spreadsheet_response(filename: str, file: IO[bytes]) -> Response:
    """Return the answer that downloads a workbook, as it was written to ``file``.

    It is sent piece by piece, and ``file`` is closed at the end.
    """
    file.seek(0)
    pieces = _pieces(file)
    next(pieces)  # begun, it closes the file also where nothing of it is sent, as for HEAD
    return Response(
        pieces,
        mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        yield b""
        while piece := file.read(_PIECE):
            yield piece


def csv_chunks(rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    """Yield the text of a CSV file of ``rows``, a few hundred of them at a time."""
    buffer = io.StringIO()
    buffer.write(BYTE_ORDER_MARK)
    writer = csv.writer(buffer)
    for number, row in enumerate(rows, start=1):
        writer.writerow([safe_cell(cell) if isinstance(cell, str) else cell for cell in row])
        if number % _ROWS_AT_ONCE == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def safe_cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula (OWASP, CSV injection).

    A spreadsheet may pass over spaces and invisible characters before a formula, and take a
    full-width sign for the plain one.
    """
    start = unicodedata.normalize("NFKC", without_invisible_start(text)[:1])
    dangerous = start[:1] in ("=", "+", "-", "@") if start else False
    return f"'{text}" if dangerous or text[:1] in ("\t", "\r", "\n") else text


def decimal_credits(minutes: int) -> Decimal:
    """Return ``minutes`` as credits, rounded to two places; exact for quarters of an hour."""
    return (Decimal(minutes) / 60).quantize(Decimal("0.01"))


def added_credits(before: int, after: int) -> Decimal:
    """Return what a balance in credits grew by, from ``before`` to ``after`` (both in minutes).

    It is the difference of the rounded balances. So a column of these adds up to the last balance
    less the first, to the hundredth: three times 20 minutes are 0.33, 0.34 and 0.33, and not 0.99
    in all. Each is less than a hundredth away from the exact amount.
    """
    return decimal_credits(after) - decimal_credits(before)
