"""The network auditor's desk: trial balance, journal, any account's statement."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from ledger import Book, InvalidText, JournalPage, UnknownAccount
from marketplace.database import db
from marketplace.finance.period import read_day
from marketplace.finance.shown import KIND_LABELS, account_names
from marketplace.finance.views import csv_of, finance, statement_page
from marketplace.people.access import access, needs
from marketplace.people.roles import Permission

ACCOUNTS_PAGE = 100
JOURNAL_PAGE = 30
KINDS_ASKED = ("exchange", "grant", "transfer", "closure", "reversal")
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
    """The book’s transactions, the newest first: all, or those of an account, a kind, a time."""
    asked, problem = _asked_of_journal()
    page = JournalPage((), None)
    if not problem:
        try:
            page = _journal_page(asked, request.args.get("after") or None)
        except UnknownAccount:
            problem = (
                f"There is no account “{asked['account']}”. Write a URN, or an account’s code."
            )
    names = account_names(
        db.session(), {entry.account for one in page.transactions for entry in one.entries}
    )
    typed = {name: request.args.get(name, "") for name in ("account", "kind", "start", "end")}
    kept: dict[str, Any] = {name: value for name, value in typed.items() if value}
    body = render_template(
        "finance/journal.html",
        transactions=page.transactions,
        names=names,
        kinds=KIND_LABELS,
        kinds_asked=[(kind, KIND_LABELS[kind]) for kind in KINDS_ASKED],
        typed=typed,
        narrowed=bool(kept),
        problem=problem,
        next_url=url_for("finance.journal", **kept, after=page.next) if page.next else None,
    )
    return body, 422 if problem else 200


def _asked_of_journal() -> tuple[dict[str, Any], str]:
    """What the journal is narrowed to, and what was wrong in the asking."""
    asked: dict[str, Any] = {}
    code = request.args.get("account", "").strip()
    if code:
        asked["account"] = f"school:{code}" if code.isdecimal() else code
    if kind := request.args.get("kind", ""):
        asked["kind"] = kind
    try:
        for name in ("start", "end"):
            if day := request.args.get(name, ""):
                asked[name] = read_day(day)
    except ValueError:
        return asked, "Write both days like 2026-09-01."
    if "start" in asked and "end" in asked and asked["start"] > asked["end"]:
        return asked, "The first day is after the last: change one."
    return asked, ""


def _journal_page(asked: dict[str, Any], after: str | None) -> JournalPage:
    """A page of the journal; a cursor that cannot be read begins at the start."""
    book = Book(db.session())
    try:
        return book.journal(**asked, after=after, limit=JOURNAL_PAGE)
    except InvalidText:
        return book.journal(**asked, limit=JOURNAL_PAGE)


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
