"""The network auditor's desk: trial balance, journal, any account's statement."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from ledger import Book
from marketplace.database import db
from marketplace.finance.period import read_day
from marketplace.finance.shown import KIND_LABELS, account_names
from marketplace.finance.views import csv_of, finance, statement_page
from marketplace.people.access import access, needs
from marketplace.people.roles import Permission

ACCOUNTS_PAGE = 100
JOURNAL_PAGE = 30
AUDIT = needs(Permission.READ_THE_BOOK)


@finance.get("/book/trial-balance")
@access(AUDIT)
def trial_balance() -> ResponseReturnValue:
    """Every account's balance, and the totals, which must agree."""
    typed = request.args.get("date", "")
    problem = ""
    effective = None
    try:
        effective = read_day(typed) if typed else None
    except ValueError:
        problem = "Write the day like 2026-09-01."
    balance = Book(db.session()).trial_balance(effective=effective)
    after = request.args.get("after", "")
    rows = [row for row in balance.rows if row.code > after]
    shown = rows[:ACCOUNTS_PAGE]
    body = render_template(
        "finance/trial_balance.html",
        rows=shown,
        accounts=len(balance.rows),
        debit=balance.debit,
        credit=balance.credit,
        names=account_names(db.session(), [row.code for row in shown]),
        date=effective,
        typed=typed,
        problem=problem,
        next_url=url_for(
            "finance.trial_balance", after=shown[-1].code, date=effective and effective.isoformat()
        )
        if len(rows) > ACCOUNTS_PAGE
        else None,
    )
    return body, 422 if problem else 200


@finance.get("/book/journal")
@access(AUDIT)
def journal() -> ResponseReturnValue:
    """Every transaction of the book, the newest first."""
    page = Book(db.session()).journal(after=request.args.get("after") or None, limit=JOURNAL_PAGE)
    names = account_names(
        db.session(), {entry.account for one in page.transactions for entry in one.entries}
    )
    return render_template(
        "finance/journal.html",
        transactions=page.transactions,
        names=names,
        kinds=KIND_LABELS,
        next_url=url_for("finance.journal", after=page.next) if page.next else None,
    )


@finance.get("/book/accounts/<code>")
@access(AUDIT)
def account(code: str) -> ResponseReturnValue:
    """Any account's statement."""
    return statement_page(code, "finance.account", {"code": code})


@finance.get("/book/accounts/<code>/statement.csv")
@access(AUDIT)
def account_csv(code: str) -> ResponseReturnValue:
    """Any account's statement as CSV."""
    return csv_of(code)
