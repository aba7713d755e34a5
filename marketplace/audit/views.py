"""The network auditor's desk: trial balance, any account's statement."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ledger import Book
from marketplace.accounts.access import access, needs
from marketplace.accounts.roles import Permission
from marketplace.audit.day_totals.service import totals_at
from marketplace.credits.chart import account_names
from marketplace.database import db
from marketplace.statements.downloads.views import download
from marketplace.statements.period import read_day
from marketplace.statements.views import requested_period, statement_page

ACCOUNTS_PAGE = 100
AUDIT = needs(Permission.AUDIT_LEDGER)

blueprint = Blueprint("audit", __name__, url_prefix="/credits/book")


@blueprint.get("/trial-balance")
@access(AUDIT)
def trial_balance() -> ResponseReturnValue:
    """Show every account's balance, and the totals, which must agree."""
    date_text = request.args.get("date", "")
    problem = ""
    effective = None
    try:
        effective = read_day(date_text) if date_text else None
    except ValueError:
        problem = "Write the day like 2026-09-01."
    totals = totals_at(db.session(), effective)
    after = request.args.get("after", "")
    rows = Book(db.session()).trial_balance_page(
        effective=effective, after=after, limit=ACCOUNTS_PAGE + 1
    )
    page = rows[:ACCOUNTS_PAGE]
    body = render_template(
        "audit/trial_balance.html",
        rows=page,
        accounts=totals.accounts,
        debit=totals.debit,
        credit=totals.credit,
        names=account_names(db.session(), [row.code for row in page]),
        date=effective,
        typed=date_text,
        problem=problem,
        next_url=url_for(
            "audit.trial_balance", after=page[-1].code, date=effective and effective.isoformat()
        )
        if len(rows) > ACCOUNTS_PAGE
        else None,
    )
    return body, 422 if problem else 200


@blueprint.get("/accounts/<code>")
@access(AUDIT)
def account(code: str) -> ResponseReturnValue:
    """Show the statement of any account, and what was done to it."""
    return statement_page(code, "audit.account", {"code": code}, with_history=True)


@blueprint.get("/accounts/<code>/statement.csv")
@access(AUDIT)
def account_csv(code: str) -> ResponseReturnValue:
    """Return the statement of any account as CSV."""
    return download(code, requested_period(), "csv")


@blueprint.get("/accounts/<code>/statement.xlsx")
@access(AUDIT)
def account_xlsx(code: str) -> ResponseReturnValue:
    """Return the statement of any account as a spreadsheet."""
    return download(code, requested_period(), "xlsx")


@blueprint.get("/accounts/<code>/statement.pdf")
@access(AUDIT)
def account_pdf(code: str) -> ResponseReturnValue:
    """Return the statement of any account as a PDF."""
    return download(code, requested_period(), "pdf")
