"""A statement as a tagged PDF (PDF/UA-1), the same bytes for the same statement."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import typst

from marketplace.credits.formats import decimal_credits, signed_decimal_credits
from marketplace.errors import Refusal
from marketplace.statements.downloads.document import Entry, StatementDocument
from marketplace.statements.downloads.words import about
from marketplace.statements.figures import Moved
from marketplace.web.formats import short_day

TEMPLATE = Path(__file__).with_name("statement.typ")
MOST_ENTRIES = 5_000


def make_pdf(document: StatementDocument, entries: Iterable[Entry]) -> bytes:
    """Return the statement as a PDF.

    Raises:
        Refusal: it has more than ``MOST_ENTRIES`` entries.
    """
    rows = []
    for entry in entries:
        rows.append(_entry_row(entry))
        if len(rows) > MOST_ENTRIES:
            raise Refusal(
                f"This statement has more than {MOST_ENTRIES:,} entries, too many for a PDF. Choose"
                " a shorter period, or take the spreadsheet."
            )
    data = json.dumps(_data(document, rows))
    try:
        return _compile(data, "ua-1")
    except typst.TypstError:
        # The standard refuses a character that no font has, such as an emoji in a title. Without
        # it the PDF is tagged as well, and has a box in its place.
        return _compile(data, None)


def _compile(data: str, standard: Literal["ua-1"] | None) -> bytes:
    # The fonts that come with the library, not those of this machine: else the bytes would differ.
    return typst.compile(
        str(TEMPLATE),
        sys_inputs={"data": data},
        ignore_system_fonts=True,
        pdf_standards=standard,
    )


def _data(document: StatementDocument, rows: list[dict[str, str]]) -> dict[str, Any]:
    figures = document.figures
    title, period, *details = about(document)
    values = [
        ("Opening", decimal_credits(figures.opening)),
        ("Received for help given", signed_decimal_credits(figures.given)),
        ("Paid for help received", signed_decimal_credits(-figures.received)),
        ("Other", signed_decimal_credits(figures.other)),
        ("Closing", decimal_credits(figures.closing)),
    ]
    months = [(f"{month:%B %Y}", moved) for month, moved in figures.by_month.items()]
    schools = sorted(
        ((document.partner_names[code], moved) for code, moved in figures.by_partner.items()),
        key=lambda part: part[0],
    )
    return {
        "title": title,
        "period": period,
        "about": details,
        "figures": [{"label": label, "value": value} for label, value in values],
        "opening": decimal_credits(figures.opening),
        "net": signed_decimal_credits(figures.net),
        "closing": decimal_credits(figures.closing),
        "entries": rows,
        "parts": [
            {"title": title, "label": label, "rows": [_part_row(*part) for part in parts]}
            for title, label, parts in (
                ("By month", "Month", months),
                ("By school", "School", schools),
            )
            if parts
        ],
    }


def _part_row(name: str, moved: Moved) -> dict[str, str]:
    return {
        "name": name,
        "given": signed_decimal_credits(moved.given),
        "received": signed_decimal_credits(-moved.received),
        "net": signed_decimal_credits(moved.net),
    }


def _entry_row(entry: Entry) -> dict[str, str]:
    return {
        "day": short_day(entry.day),
        "number": f"{entry.number:,}",
        "text": entry.title,
        "partners": entry.partners,
        "credits": signed_decimal_credits(entry.minutes),
        "balance": decimal_credits(entry.balance),
    }
