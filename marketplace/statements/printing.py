"""A statement with every entry of its period on one page, to be printed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flask import Response, stream_template
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.credits.chart import SCHOOLS, account_names
from marketplace.database import db
from marketplace.statements.book_notes import book_note
from marketplace.statements.entries import list_entries
from marketplace.statements.figure_rows import figure_strip
from marketplace.statements.figures import figures_of
from marketplace.statements.period import Period
from marketplace.statements.presenters import StatementRow, statement_rows

ENTRIES_AT_ONCE = 1000
_PIECE = 32 * 1024


def printed_statement(session: Session, actor: Actor, code: str, period: Period) -> Response:
    """Return the statement of ``code`` with all of its entries, which are read while it is sent."""
    figures = figures_of(session, code, period)
    is_school = code.startswith(SCHOOLS)
    context: dict[str, Any] = {
        "name": account_names(session, [code])[code],
        "urn": code.removeprefix(SCHOOLS) if is_school else None,
        "period": period,
        "figures": figures,
        "strip": figure_strip(figures, period, is_school),
        "rows": _rows(code, period, actor),
        "book_note": book_note(session),
        "produced_at": clock.now(),
    }
    return Response(_in_pieces(stream_template("statements/print.html", **context)))


def _rows(code: str, period: Period, actor: Actor) -> Iterator[StatementRow]:
    session = db.session()  # the view's own session has ended by now
    after: str | None = ""
    while after is not None:
        page = list_entries(session, code, period, after=after, limit=ENTRIES_AT_ONCE)
        names = account_names(session, {code for line in page.lines for code in line.partners})
        yield from statement_rows(page.lines, names, actor)
        after = page.next


def _in_pieces(parts: Iterable[str]) -> Iterator[str]:
    """The parts of a page, many of them in each piece that is sent."""
    piece: list[str] = []
    length = 0
    for part in parts:
        piece.append(part)
        length += len(part)
        if length >= _PIECE:
            yield "".join(piece)
            piece, length = [], 0
    yield "".join(piece)
