"""A school's money: statement, holds, single transactions."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from ledger import Book, LedgerError, UnknownAccount, UnknownTransaction
from marketplace.database import db
from marketplace.finance.period import Period, read_period
from marketplace.finance.shown import KIND_LABELS, account_names, cause_urls, shown_lines
from marketplace.people.access import access, acting, needs
from marketplace.people.roles import Permission
from marketplace.schools.models import account_code
from marketplace.web.problems import NotFound, Problem

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
    return Response(
        stream_with_context(_csv_lines(code, period)),
        mimetype="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _csv_lines(code: str, period: Period) -> Iterator[str]:
    """A row a line; minutes as whole numbers, so that a spreadsheet adds them exactly."""
    book = Book(db.session())  # the view's own session has ended when this runs
    buffer = io.StringIO()
    writer = csv.writer(buffer)

    def flush() -> str:
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return text

    writer.writerow(
        ["date", "recorded", "transaction", "kind", "text", "with", "minutes", "credits",
         "balance_minutes", "balance_credits", "reference"]
    )  # fmt: skip
    after = None
    first = True
    while True:
        page = book.statement(code, start=period.start, end=period.end, after=after, limit=CSV_PAGE)
        if first:
            first = False
            writer.writerow(
                [period.start, "", "", "opening balance", "", "", "", "", page.opening,
                 credit_number_plain(page.opening), ""]
            )  # fmt: skip
        names = account_names(
            db.session(), {code for line in page.lines for code in line.counterparties}
        )
        for line in page.lines:
            writer.writerow(
                [
                    line.effective,
                    line.recorded.isoformat(timespec="seconds"),
                    line.transaction_id,
                    safe_cell(line.kind),
                    safe_cell(line.memo),
                    safe_cell("; ".join(names[code] for code in line.counterparties)),
                    line.amount,
                    credit_number_plain(line.amount),
                    line.balance,
                    credit_number_plain(line.balance),
                    safe_cell(line.reference),
                ]
            )
        yield flush()
        if page.next is None:
            break
        after = page.next
    writer.writerow(
        [period.end, "", "", "closing balance", "", "", "", "", page.closing,
         credit_number_plain(page.closing), ""]
    )  # fmt: skip
    yield flush()


def credit_number_plain(minutes: int) -> str:
    """Minutes as a decimal number of credits with two places, exact for quarters."""
    sign = "-" if minutes < 0 else ""
    hundredths = abs(minutes) * 100
    return f"{sign}{hundredths // 6000}.{hundredths % 6000 // 60:02}"


def safe_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _period() -> Period:
    return read_period(request.args.get("start", ""), request.args.get("end", ""))
