"""A statement as CSV, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flask.typing import ResponseReturnValue

from ledger import Book, UnknownAccount
from marketplace.accounts.access import current_actor
from marketplace.accounts.security_log import SecurityKind, record_apart
from marketplace.credits.chart import account_names
from marketplace.database import db
from marketplace.errors import NotFound, Refusal
from marketplace.statements.period import Period
from marketplace.web.tables import Cell, added_credits, csv_response, decimal_credits

CSV_PAGE = 1000


def csv_of(code: str, period: Period) -> ResponseReturnValue:
    """Return the statement of ``code`` as CSV, streamed page by page; the security log has it."""
    if period.problem:
        raise Refusal(period.problem)
    try:
        Book(db.session()).account(code)
    except UnknownAccount:
        raise NotFound("There is no such account.") from None
    actor = current_actor()
    record_apart(
        SecurityKind.EXPORTED,
        person_id=actor.person_id,
        actor_id=actor.person_id,
        school_urn=actor.urn,
        account=code,
    )
    name = f"statement-{code.replace(':', '-')}-{period.start}-{period.end}.csv"
    return csv_response(name, _csv_rows(code, period))


def _csv_rows(code: str, period: Period) -> Iterator[tuple[Cell, ...]]:
    """The rows of a statement; its minutes are whole numbers, which add up exactly."""
    book = Book(db.session())  # the view's own session has ended when this runs
    yield (
        *("date", "recorded", "transaction", "kind", "text", "with", "minutes", "credits"),
        *("balance_minutes", "balance_credits", "reference"),
    )
    after = None
    while True:
        page = book.statement(code, start=period.start, end=period.end, after=after, limit=CSV_PAGE)
        if after is None:
            yield _balance_row(period.start, "opening balance", page.opening)
        names = account_names(
            db.session(), {code for line in page.lines for code in line.counterparties}
        )
        for line in page.lines:
            yield (
                line.effective,
                line.recorded.isoformat(timespec="seconds"),
                line.transaction_id,
                line.kind,
                line.memo,
                "; ".join(names[code] for code in line.counterparties),
                line.amount,
                added_credits(line.balance - line.amount, line.balance),
                line.balance,
                decimal_credits(line.balance),
                line.reference,
            )
        if page.next is None:
            break
        after = page.next
    yield _balance_row(period.end, "closing balance", page.closing)


def _balance_row(day: date, kind: str, minutes: int) -> tuple[Cell, ...]:
    return day, "", "", kind, "", "", "", "", minutes, decimal_credits(minutes), ""
