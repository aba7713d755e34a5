"""The network auditor's desk: trial balance, journal, any account's statement."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ledger import Book, InvalidFilters, InvalidText, JournalPage, UnknownAccount
from marketplace.accounts.access import access, needs
from marketplace.accounts.roles import Permission
from marketplace.audit.day_totals.service import totals_at
from marketplace.audit.presenters import journal_rows
from marketplace.credits.chart import KIND_LABELS, SCHOOLS, account_names
from marketplace.database import db
from marketplace.statements.csv_export import csv_of
from marketplace.statements.period import read_day
from marketplace.statements.views import requested_period, statement_page

ACCOUNTS_PAGE = 100
JOURNAL_PAGE = 30
KINDS_ASKED = ("exchange", "grant", "transfer", "closure", "reversal", "account", "period")
WITHOUT_ENTRIES = ("account", "period")
"""Kinds of records that are only among everything recorded."""
EVERYTHING = "everything"
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


@blueprint.get("/journal")
@access(AUDIT)
def journal() -> ResponseReturnValue:
    """Show the book’s transactions, newest first: all, or those of an account, kind or period.

    They are those that moved credits, or everything recorded.
    """
    filters, problem = _journal_filters()
    page = JournalPage((), None)
    account_url = None
    if not problem:
        try:
            page = _journal_page(filters, request.args.get("after") or None)
        except UnknownAccount:
            problem = (
                f"There is no account “{filters['account']}”. Write a URN, or an account’s code."
            )
        except InvalidFilters:
            problem = (
                "Everything recorded cannot be narrowed to an account. Open the account for its"
                " history and its holds, or choose what moved credits."
            )
            account_url = url_for("audit.account", code=filters["account"])
    filter_texts = {
        name: request.args.get(name, "") for name in ("account", "kind", "include", "start", "end")
    }
    query: dict[str, Any] = {name: value for name, value in filter_texts.items() if value}
    body = render_template(
        "audit/journal.html",
        rows=journal_rows(db.session(), page.transactions),
        everything=filters["everything"],
        kinds_asked=[(kind, KIND_LABELS[kind]) for kind in KINDS_ASKED],
        typed=filter_texts,
        narrowed=bool(query.keys() - {"include"}),
        account_url=account_url,
        problem=problem,
        next_url=url_for("audit.journal", **query, after=page.next) if page.next else None,
    )
    return body, 422 if problem else 200


def _journal_filters() -> tuple[dict[str, Any], str]:
    """The filters of the journal, and a problem with them for the person, if there is one."""
    filters: dict[str, Any] = {}
    code = request.args.get("account", "").strip()
    if code:
        filters["account"] = f"{SCHOOLS}{code}" if code.isdecimal() else code
    if kind := request.args.get("kind", ""):
        filters["kind"] = kind
    include = request.args.get("include", "")
    filters["everything"] = include == EVERYTHING or kind in WITHOUT_ENTRIES
    try:
        for name in ("start", "end"):
            if day := request.args.get(name, ""):
                filters[name] = read_day(day)
    except ValueError:
        return filters, "Write both days like 2026-09-01."
    if "start" in filters and "end" in filters and filters["start"] > filters["end"]:
        return filters, "The first day is after the last day. Change one of them."
    return filters, ""


def _journal_page(filters: dict[str, Any], after: str | None) -> JournalPage:
    """A page of the journal; a cursor that cannot be read begins at the start."""
    book = Book(db.session())
    try:
        return book.journal(**filters, after=after, limit=JOURNAL_PAGE)
    except InvalidText:
        return book.journal(**filters, limit=JOURNAL_PAGE)


@blueprint.get("/accounts/<code>")
@access(AUDIT)
def account(code: str) -> ResponseReturnValue:
    """Show the statement of any account, and what was done to it."""
    return statement_page(code, "audit.account", {"code": code}, with_history=True)


@blueprint.get("/accounts/<code>/statement.csv")
@access(AUDIT)
def account_csv(code: str) -> ResponseReturnValue:
    """Return the statement of any account as CSV."""
    return csv_of(code, requested_period())
