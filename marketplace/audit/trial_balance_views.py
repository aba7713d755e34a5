"""The trial balance: its page, of all accounts or of one by its name, and the whole as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from ledger import Book, TrialBalanceRow
from marketplace.accounts.access import access, current_actor
from marketplace.accounts.security_log import SecurityKind, record_apart
from marketplace.audit.day_totals.service import totals_at
from marketplace.audit.journal.naming import Meant, find_account
from marketplace.audit.views import AUDIT, blueprint
from marketplace.clock import today
from marketplace.credits.chart import account_names
from marketplace.database import db
from marketplace.errors import Refusal
from marketplace.statements.period import read_day
from marketplace.web.tables import Cell, csv_response, decimal_credits

ACCOUNTS_PAGE = 100
CSV_PAGE = 1_000
WRONG_DAY = "Write the day like 2026-09-01."


@blueprint.get("/trial-balance")
@access(AUDIT)
def trial_balance() -> ResponseReturnValue:
    """Show every account's balance, or one account's, and the totals, which must agree."""
    date_text, account_text = _text("date"), _text("account")
    effective, problem = _day(date_text)
    meant = find_account(db.session(), account_text) if account_text else Meant()
    problem = problem or meant.problem
    totals = totals_at(db.session(), effective)
    rows = _rows(effective, meant, request.args.get("after", ""))
    page = rows[:ACCOUNTS_PAGE]
    day_text = effective.isoformat() if effective is not None else None
    body = render_template(
        "audit/trial_balance.html",
        rows=page,
        accounts=totals.accounts,
        debit=totals.debit,
        credit=totals.credit,
        names=account_names(db.session(), [row.code for row in page]),
        date=effective,
        typed=date_text,
        account=account_text,
        choices=[
            (label, url_for("audit.trial_balance", date=day_text, account=code))
            for code, label in meant.choices
        ],
        problem=problem,
        csv_url=url_for("audit.trial_balance_csv", date=day_text),
        next_url=url_for("audit.trial_balance", after=page[-1].code, date=day_text)
        if len(rows) > ACCOUNTS_PAGE
        else None,
    )
    return body, 422 if problem else 200


@blueprint.get("/trial-balance.csv")
@access(AUDIT)
def trial_balance_csv() -> ResponseReturnValue:
    """Return every account's balance as CSV, streamed; the security log has it."""
    effective, problem = _day(_text("date"))
    if problem:
        raise Refusal(problem)
    actor = current_actor()
    record_apart(
        SecurityKind.EXPORTED,
        person_id=actor.person_id,
        actor_id=actor.person_id,
        what="trial balance",
    )
    return csv_response(f"trial-balance-{effective or today()}.csv", _csv_rows(effective))


def _text(name: str) -> str:
    return request.args.get(name, "").replace("\0", "").strip()[:100]


def _day(text: str) -> tuple[date | None, str]:
    """The day that is asked for, and what is wrong with it."""
    try:
        return (read_day(text) if text else None), ""
    except ValueError:
        return None, WRONG_DAY


def _rows(
    effective: date | None, meant: Meant[frozenset[str]], after: str
) -> tuple[TrialBalanceRow, ...]:
    """The accounts of a page and one more, or the one account that is meant."""
    book = Book(db.session())
    if meant.problem:
        return ()
    if meant.value is None:
        return book.trial_balance_page(effective=effective, after=after, limit=ACCOUNTS_PAGE + 1)
    (code,) = meant.value
    minutes = book.balance(code, effective=effective)
    return (TrialBalanceRow(code, meant.name, max(-minutes, 0), max(minutes, 0)),)


def _csv_rows(effective: date | None) -> Iterator[tuple[Cell, ...]]:
    """The rows of the trial balance; its minutes are whole numbers, which add up exactly."""
    book = Book(db.session())  # the view's own session has ended when this runs
    yield "account", "name", "debit_minutes", "credit_minutes", "debit_credits", "credit_credits"
    debit = credit = 0
    after = ""
    while page := book.trial_balance_page(effective=effective, after=after, limit=CSV_PAGE):
        names = account_names(db.session(), [row.code for row in page])
        for row in page:
            yield _csv_row(row.code, names[row.code], row.debit, row.credit)
            debit, credit = debit + row.debit, credit + row.credit
        after = page[-1].code
    yield _csv_row("", "Total", debit, credit)


def _csv_row(code: str, name: str, debit: int, credit: int) -> tuple[Cell, ...]:
    return code, name, debit, credit, decimal_credits(debit), decimal_credits(credit)
