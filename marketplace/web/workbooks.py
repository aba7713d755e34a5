"""Long tables as Excel workbooks that are sent while they are written.

A workbook is a zip of XML. Its parts are in any order and say nothing of what follows, so one
sheet can be compressed and sent row by row: memory holds a few dozen rows, and no file is kept.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from xml.sax.saxutils import escape

from flask import Response, stream_with_context

Cell = str | int | float | Decimal | date | None
"""A text, which is never a formula; a number; a day, or an instant without a zone."""

MOST_ROWS = 1_000_000
"""Excel reads 1,048,576."""
LONGEST_TEXT = 32_767
"""Excel's limit for a text; a longer one is cut."""
MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_ROWS_AT_ONCE = 50
_BEFORE_ALL = datetime(1899, 12, 30)  # noqa: DTZ001  # Excel knows no zones
_SECONDS_OF_A_DAY = 86_400
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot have."""

# Number formats, each also in bold: the style of a cell is twice its place here, plus 1 if bold.
_FORMATS = {"": 0, "date": 164, "instant": 165, "decimal": 4}
_CODES = {164: "yyyy-mm-dd", 165: "yyyy-mm-dd hh:mm"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet.

    Attributes:
        width: about how many characters are seen.
        number_format: "", "date", "instant" or "decimal" (two places, thousands apart).
        adds_up: the place of the column whose numbers the last line adds up here.
        divisor: what that sum is divided by.
    """

    name: str
    width: int = 12
    number_format: str = ""
    adds_up: int | None = None
    divisor: int = 1


def workbook_response(
    filename: str, sheet: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]
) -> Response:
    """Return the answer that downloads a workbook of one sheet, which is written while it is sent.

    Below a frozen line with the names come the rows, then a line with the totals as formulas.
    """
    return Response(
        stream_with_context(workbook_pieces(sheet, columns, rows)),
        mimetype=MIMETYPE,
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


def workbook_pieces(
    sheet: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]
) -> Iterator[bytes]:
    """Yield the bytes of such a workbook, a few dozen rows at a time."""
    sent = _Sent()
    with zipfile.ZipFile(sent, "w", zipfile.ZIP_DEFLATED) as book:  # type: ignore[call-overload]
        for path, text in _parts(sheet):
            book.writestr(path, _HEAD + text)
        yield sent.take()
        with book.open("xl/worksheets/sheet1.xml", "w") as part:
            for text in _sheet(columns, rows):
                part.write(text.encode())
                yield sent.take()
    yield sent.take()


class _Sent:
    """What has been written since it was last taken; nothing can go back in it."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def take(self) -> bytes:
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data


def _sheet(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    letters = [_letters(place) for place in range(len(columns))]
    widths = "".join(
        f'<col min="{place}" max="{place}" width="{column.width}" customWidth="1"/>'
        for place, column in enumerate(columns, start=1)
    )
    yield (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane xSplit="1" ySplit="1" topLeftCell="B2" activePane="bottomRight" state="frozen"/>'
        f"</sheetView></sheetViews><cols>{widths}</cols><sheetData>"
    )
    names = (_cell(f"{letters[place]}1", one.name, 1) for place, one in enumerate(columns))
    pieces = [f'<row r="1">{"".join(names)}</row>']
    styles = [2 * list(_FORMATS).index(column.number_format) for column in columns]
    sums = {one.adds_up: Decimal(0) for one in columns if one.adds_up is not None}
    last = 1
    for last, row in enumerate(rows, start=2):
        cells = [
            _cell(f"{letters[place]}{last}", value, styles[place])
            for place, value in enumerate(row)
            if value is not None and value != ""
        ]
        pieces.append(f'<row r="{last}">{"".join(cells)}</row>')
        for place in sums:
            sums[place] += Decimal(row[place] or 0)  # type: ignore[arg-type]
        if last % _ROWS_AT_ONCE == 0:
            yield "".join(pieces)
            pieces.clear()
    totals = [_cell(f"A{last + 1}", "Total", 1)]
    for place, column in enumerate(columns):
        if column.adds_up is not None and last > 1:
            source = letters[column.adds_up]
            formula = f"SUM({source}2:{source}{last})"
            formula += f"/{column.divisor}" if column.divisor != 1 else ""
            total = float(sums[column.adds_up] / column.divisor)
            totals.append(
                f'<c r="{letters[place]}{last + 1}" s="{styles[place] + 1}"><f>{formula}</f>'
                f"<v>{total!r}</v></c>"
            )
    yield "".join([*pieces, f'<row r="{last + 1}">{"".join(totals)}</row></sheetData></worksheet>'])


def _cell(reference: str, value: Cell, style: int) -> str:
    if isinstance(value, str):
        text = escape(_IMPOSSIBLE.sub("\N{REPLACEMENT CHARACTER}", value[:LONGEST_TEXT]))
        return (
            f'<c r="{reference}" s="{style}" t="inlineStr"><is>'
            f'<t xml:space="preserve">{text}</t></is></c>'
        )
    if isinstance(value, date):
        at = value if isinstance(value, datetime) else datetime.combine(value, time())
        value = (at - _BEFORE_ALL).total_seconds() / _SECONDS_OF_A_DAY
    return f'<c r="{reference}" s="{style}"><v>{value}</v></c>'


def _letters(place: int) -> str:
    """The letters of a column: A to Z, AA and so on."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _parts(sheet: str) -> Iterator[tuple[str, str]]:
    """The small parts of a workbook: what it consists of, and how its cells look."""
    yield (
        "[Content_Types].xml",
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml"'
        f' ContentType="{_TYPES}.worksheet+xml"/></Types>',
    )
    yield (
        "_rels/.rels",
        f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1"'
        f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    )
    yield (
        "xl/workbook.xml",
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{escape(sheet)}" sheetId="1" r:id="rId1"/></sheets>'
        '<calcPr fullCalcOnLoad="1"/></workbook>',
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        f'<Relationships xmlns="{_RELATIONS}">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    )
    codes = "".join(
        f'<numFmt numFmtId="{number}" formatCode="{code}"/>' for number, code in _CODES.items()
    )
    styles = "".join(
        f'<xf numFmtId="{number}" fontId="{font}" fillId="0" borderId="0" xfId="0"'
        ' applyNumberFormat="1" applyFont="1"/>'
        for number in _FORMATS.values()
        for font in (0, 1)
    )
    font = '<sz val="11"/><name val="Calibri"/><family val="2"/>'
    yield (
        "xl/styles.xml",
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="{len(_CODES)}">{codes}</numFmts>'
        f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
        f'</cellStyleXfs><cellXfs count="{2 * len(_FORMATS)}">{styles}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>",
    )
