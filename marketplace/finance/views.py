"""A school's money: statement, holds, single transactions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ledger import Book, LedgerError, UnknownAccount, UnknownTransaction
from marketplace.database import db
from marketplace.finance.period import Period, read_period
from marketplace.finance.shown import KIND_LABELS, account_names, cause_urls, shown_lines
from marketplace.people.access import access, acting, needs
from marketplace.people.roles import Permission
from marketplace.schools.models import account_code
from marketplace.web.problems import NotFound, Problem
from marketplace.web.tables import Cell, added_credits, csv_response, decimal_credits

finance = Blueprint("finance", __name__, url_prefix="/credits")

PAGE = 50
CSV_PAGE = 1000
OWN = needs(Permission.READ_SCHOOL_MONEY, school=True)


@finance.get("")
@access(OWN)
def statement() -> ResponseReturnValue:
    """The school's statement for a period, its holds, and what is available."""
    return statement_page(account_code(acting().school()), "finance.statement", {})


@finance.get("/statement.csv")
@access(OWN)
def statement_csv() -> ResponseReturnValue:
    """The school's statement for a period as CSV."""
    return csv_of(account_code(acting().school()))


@finance.get("/transactions/<int(max=9223372036854775807):transaction_id>")
@access(needs(Permission.LOOK))
def transaction(transaction_id: int) -> ResponseReturnValue:
    """One transaction with all its entries: the schools in it and the network's auditors."""
    who = acting()
    try:
        found = Book(db.session()).transaction(transaction_id)
    except UnknownTransaction:
        raise NotFound from None
    codes = [entry.account for entry in found.entries]
    if who.urn is not None and account_code(who.urn) in codes:
        who.require(Permission.READ_SCHOOL_MONEY)
    elif not who.may(Permission.READ_THE_BOOK):
        raise NotFound
    return render_template(
        "finance/transaction.html",
        transaction=found,
        names=account_names(db.session(), codes),
        kind=KIND_LABELS.get(found.kind, found.kind),
        cause_url=cause_urls(db.session(), [found.reference], who).get(found.reference),
        ours=account_code(who.urn) if who.urn is not None else None,
    )


def statement_page(code: str, endpoint: str, values: dict[str, Any]) -> ResponseReturnValue:
    """The statement of ``code``; ``endpoint`` and ``values`` address the page itself."""
    period = _period()
    book = Book(db.session())
    try:
        account = book.account(code)
        page = book.statement(
            code,
            start=period.start,
            end=period.end,
            after=request.args.get("after") or None,
            limit=PAGE,
        )
    except UnknownAccount:
        raise NotFound("There is no such account.") from None
    except LedgerError as error:
        raise Problem(str(error)) from error
    holds = book.holds(code)
    names = account_names(
        db.session(), {c for hold in holds for c in (hold.source, hold.target)} | {code}
    )
    asked: dict[str, Any] = {"start": period.start.isoformat(), "end": period.end.isoformat()}
    references = {hold.reference for hold in holds}
    body = render_template(
        "finance/statement.html",
        account=account,
        name=names[code],
        statement=page,
        lines=shown_lines(db.session(), page.lines, acting()),
        holds=holds,
        names=names,
        causes=cause_urls(db.session(), references, acting()),
        period=period,
        here=url_for(endpoint, **values),
        csv_url=url_for(f"{endpoint}_csv", **values, **asked),
        next_url=url_for(endpoint, **values, **asked, after=page.next) if page.next else None,
        first_page=not request.args.get("after"),
    )
    return body, 422 if period.problem else 200


def csv_of(code: str) -> ResponseReturnValue:
    """The statement of ``code`` as CSV, streamed page by page."""
    period = _period()
    if period.problem:
        raise Problem(period.problem)
    try:
        Book(db.session()).account(code)
    except UnknownAccount:
        raise NotFound("There is no such account.") from None
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


def _period() -> Period:
    return read_period(request.args.get("start", ""), request.args.get("end", ""))
