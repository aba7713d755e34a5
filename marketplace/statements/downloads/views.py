"""Answers that download a statement; each download is in the security log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from tempfile import TemporaryFile

from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from marketplace.accounts.access import current_actor
from marketplace.accounts.security_log import SecurityKind, record_apart
from marketplace.database import db
from marketplace.statements.downloads.document import StatementDocument, read_document
from marketplace.statements.downloads.pdf import make_pdf
from marketplace.statements.downloads.spreadsheet import write_spreadsheet
from marketplace.statements.downloads.words import book_lines
from marketplace.statements.period import Period
from marketplace.web.tables import (
    Cell,
    added_credits,
    csv_response,
    decimal_credits,
    spreadsheet_response,
)

CSV_HEAD: tuple[Cell, ...] = (
    *("date", "recorded", "transaction", "kind", "text", "with", "minutes", "credits"),
    *("balance_minutes", "balance_credits", "reference"),
)


def download(code: str, period: Period, form: str) -> ResponseReturnValue:
    """Return the statement of the account ``code`` as a file.

    Args:
        form: "csv", "xlsx" or "pdf".

    Raises:
        NotFound: there is no such account.
        Refusal: the period has a problem, or it has too many entries for a PDF.
    """
    actor, session = current_actor(), db.session()
    document = read_document(session, code, period, actor)
    answer = _ANSWERS[form](session, document)
    record_apart(
        SecurityKind.EXPORTED,
        person_id=actor.person_id,
        actor_id=actor.person_id,
        school_urn=actor.urn,
        account=code,
        form=form,
    )
    return answer


def _csv(_session: Session, document: StatementDocument) -> Response:
    return csv_response(f"{document.filename}.csv", _csv_rows(document))


def _csv_rows(document: StatementDocument) -> Iterator[tuple[Cell, ...]]:
    """The rows of a statement; its minutes are whole numbers, which add up exactly.

    The text of the closing balance says how the book stood.
    """
    period, figures = document.period, document.figures
    yield CSV_HEAD
    yield _balance_row(period.start, "opening balance", figures.opening)
    for entry in document.entries(db.session()):  # the view's own session has ended by now
        yield (
            entry.effective,
            entry.recorded.isoformat(timespec="seconds"),
            entry.number,
            entry.kind,
            entry.text,
            entry.partners,
            entry.minutes,
            added_credits(entry.balance - entry.minutes, entry.balance),
            entry.balance,
            decimal_credits(entry.balance),
            entry.reference,
        )
    standing = ". ".join(book_lines(document))
    yield _balance_row(period.end, "closing balance", figures.closing, standing)


def _balance_row(day: date, kind: str, minutes: int, text: str = "") -> tuple[Cell, ...]:
    return day, "", "", kind, text, "", "", "", minutes, decimal_credits(minutes), ""


def _xlsx(session: Session, document: StatementDocument) -> Response:
    file = TemporaryFile()  # noqa: SIM115  # who sends it closes it
    write_spreadsheet(session, document, file)
    return spreadsheet_response(f"{document.filename}.xlsx", file)


def _pdf(session: Session, document: StatementDocument) -> Response:
    pdf = make_pdf(document, document.entries(session))
    return Response(
        pdf,
        mimetype="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{document.filename}.pdf"'},
    )


_ANSWERS = {"csv": _csv, "xlsx": _xlsx, "pdf": _pdf}
