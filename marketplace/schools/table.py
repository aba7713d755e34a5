"""The files of the register: a zip or CSV files, read line by line, whatever is in them."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

ENCODING = "cp1252"
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_ZIP_START = b"PK"
SCHOOL_FILES = ("edubasealldata", "edubaseallstatefunded", "edubaseallacademiesandfree")
"""The downloads that hold schools, the fullest first; each may be followed by a date."""

_FILE_NAME = re.compile(
    rf"(?:^|/)((?:links_)?(?:{'|'.join(SCHOOL_FILES)}))([0-9]{{8}})?[^/]*\.csv\Z", re.ASCII
)
_LONGEST_LINE = 100 * 1024
_MOST_LINES_IN_A_ROW = 20


class RegisterError(Exception):
    """The file cannot be used at all; the message says why, for the person who imports it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file: where it starts, and its cells."""

    number: int
    cells: list[str]
    garbled: str | None = None
    """What is wrong with the row's encoding: cells beyond ASCII cannot be trusted."""


class Table:
    """A CSV file of the register: its header, and its rows as they come.

    The register is written in Windows-1252. A spreadsheet saves it as UTF-8, with or without a
    byte order mark; both are read.

    A quotation mark left open spoils only its own line: the register has no long texts, so a
    row may run over a few lines, not over the rest of the file.
    """

    def __init__(self, name: str, stream: IO[bytes], size: int) -> None:
        self.name = name
        self.size = size
        self.bytes_read = 0
        self._stream = stream
        self._pending: deque[bytes] = deque()
        self._number = 0
        self.encoding = ENCODING
        self.header = self._read_header()

    def lines(self) -> Iterator[Line]:
        """Yield every row after the header; blank lines and rows of empty cells are passed over.

        Raises:
            RegisterError: if the zip turns out to be damaged.
        """
        while raw := self._next():
            number = self._number
            text, garbled = self._decode(raw)
            if text.count('"') % 2 and (line := self._line_run_over(number, text, garbled)):
                yield line
            elif text.strip():
                cells = _cells(text)
                # A spreadsheet writes the rows that were emptied in it as rows of commas.
                if not cells or any(cell.strip() for cell in cells):
                    yield Line(number, cells, garbled)

    def _read_header(self) -> list[str]:
        first = self._next()
        if not first:
            raise RegisterError(f"{self.name} is empty.")
        if first.startswith(_UTF16_BOMS) or b"\0" in first:
            raise RegisterError(
                f"{self.name} is not in the register’s encoding (Windows-1252) but in UTF-16, or"
                " is not a CSV file at all. Use the file as it was downloaded."
            )
        if first.startswith(_UTF8_BOM):
            self.encoding = "utf-8"
            first = first.removeprefix(_UTF8_BOM)
        if len(first) >= _LONGEST_LINE or b"\r" in first.rstrip(b"\r\n"):
            raise RegisterError(f"{self.name} is not a CSV file: its first line has no end.")
        text, _ = self._decode(first)
        return [" ".join(cell.split()) for cell in _cells(text)]

    def _next(self) -> bytes:
        self._number += 1
        if self._pending:
            return self._pending.popleft()
        try:
            raw = self._stream.readline(_LONGEST_LINE)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise RegisterError(f"{self.name} is damaged and cannot be read: {error}.") from error
        self.bytes_read += len(raw)
        return raw

    def _decode(self, raw: bytes) -> tuple[str, str | None]:
        if raw.isascii():
            return raw.decode("ascii"), None
        # No name in Windows-1252 happens to be UTF-8 as well (it would read “Ã‰cole”), so a line
        # that can be read as UTF-8 is UTF-8, without doubt.
        for encoding in ("utf-8", self.encoding):
            with suppress(UnicodeDecodeError):
                return raw.decode(encoding), None
        return raw.decode(self.encoding, errors="replace"), f"is not in {self.encoding}"

    def _line_run_over(self, number: int, text: str, garbled: str | None) -> Line | None:
        """The row that begins with ``text`` and a quotation mark that the next lines close.

        If they do not, or the result is not a row of this table, the lines are put back.
        """
        lines: list[bytes] = []
        while len(lines) < _MOST_LINES_IN_A_ROW and (raw := self._next()):
            lines.append(raw)
            more, wrong = self._decode(raw)
            text, garbled = text + more, garbled or wrong
            if text.count('"') % 2 == 0:
                cells = _cells(text)
                if len(cells) == len(self.header):
                    return Line(number, cells, garbled)
                break
        self._pending.extendleft(reversed(lines))
        self._number = number
        return None


def _cells(text: str) -> list[str]:
    """The cells of one row; an empty list if the text is not one row of CSV."""
    rows = list(csv.reader(io.StringIO(text, newline="")))
    return rows[0] if len(rows) == 1 else []


def open_tables(paths: tuple[Path, ...], stack: ExitStack) -> list[Table]:
    """Open every CSV file the register has in ``paths``: plain ones, or those in a zip.

    Raises:
        RegisterError: if a file is not there, is not readable, or is neither.
    """
    tables = []
    for path in paths:
        try:
            stream = stack.enter_context(path.open("rb"))
            if zipfile.is_zipfile(stream):
                tables += _tables_in_zip(path, stream, stack)
            else:
                stream.seek(0)
                if stream.read(2) == _ZIP_START:
                    raise RegisterError(f"{path.name} is a damaged or incomplete zip.")
                stream.seek(0)
                tables.append(Table(path.name, stream, path.stat().st_size))
        except OSError as error:
            reason = error.strerror or str(error)
            raise RegisterError(f"{path} cannot be read: {reason}.") from error
    return tables


def _tables_in_zip(path: Path, stream: IO[bytes], stack: ExitStack) -> list[Table]:
    try:
        archive = stack.enter_context(zipfile.ZipFile(stream))
        members = _latest_members(archive)
        if not any(kind in SCHOOL_FILES for kind in members):
            raise RegisterError(
                f"{path.name} holds no edubasealldata….csv (nor edubaseallstatefunded….csv or"
                " edubaseallacademiesandfree….csv), so it is not the register’s download."
            )
        return [
            Table(
                PurePosixPath(member.filename).name,
                stack.enter_context(archive.open(member)),
                member.file_size,
            )
            for member in members.values()
        ]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise RegisterError(f"{path.name} is a zip that cannot be read: {error}.") from error


def _latest_members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The register's files in a zip by their kind; of one kind, the latest by the date it bears."""
    members: dict[str, zipfile.ZipInfo] = {}
    for member in sorted(archive.infolist(), key=lambda member: member.filename.lower()):
        kind = file_kind(member.filename)
        if kind is None:
            continue
        if kind not in members or file_date(member.filename) >= file_date(members[kind].filename):
            members[kind] = member
    return members


def file_kind(name: str) -> str | None:
    """Return which of the register's files is at the path ``name``, without the date, or None."""
    match = _FILE_NAME.search(name.lower())
    return match[1] if match else None


def file_date(name: str) -> str:
    """Return the date (yyyymmdd) in the name of a file of the register, or an empty string."""
    match = _FILE_NAME.search(name.lower())
    return (match[2] or "") if match else ""
