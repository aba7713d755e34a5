"""A school's credits: statement, holds, single transactions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ledger import Book, LedgerError, UnknownAccount, UnknownTransaction
from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.credits.chart import account_code, account_names, actor_names, kind_label
from marketplace.credits.records import accounts_of, record_title
from marketplace.database import db
from marketplace.errors import NotFound, Refusal
from marketplace.schools.models import School
from marketplace.schools.queries import schools_continued_by
from marketplace.statements.csv_export import csv_of
from marketplace.statements.period import Period, read_period
from marketplace.statements.presenters import cause_urls, history_rows, statement_rows

blueprint = Blueprint("statements", __name__, url_prefix="/credits")

PAGE = 50
OWN = needs(Permission.VIEW_STATEMENT, school=True)


@blueprint.get("")
@access(OWN)
def statement() -> ResponseReturnValue:
    """Show the school's statement for a period, its holds, and what is available."""
    urn = current_actor().school()
    earlier = schools_continued_by(db.session(), urn)
    of = requested_school(earlier)
    if of is not None:
        return statement_page(account_code(of), "statements.statement", {"of": of})
    return statement_page(account_code(urn), "statements.statement", {}, earlier=earlier)


@blueprint.get("/statement.csv")
@access(OWN)
def statement_csv() -> ResponseReturnValue:
    """Return the school's statement for a period as CSV."""
    urn = current_actor().school()
    of = None
    if "of" in request.args:
        of = requested_school(schools_continued_by(db.session(), urn))
    return csv_of(account_code(of or urn), requested_period())


@blueprint.get("/transactions/<int(max=9223372036854775807):transaction_id>")
@access(needs(Permission.VIEW_LISTINGS))
def transaction(transaction_id: int) -> ResponseReturnValue:
    """Show one transaction with all its entries to the schools in it and to auditors."""
    actor = current_actor()
    own_code = account_code(actor.urn) if actor.urn is not None else None
    try:
        transaction = Book(db.session()).transaction(transaction_id)
    except UnknownTransaction:
        raise NotFound from None
    codes = [entry.account for entry in transaction.entries]
    if own_code in codes or (actor.urn is not None and _continues_one_of(actor.urn, codes)):
        actor.require(Permission.VIEW_STATEMENT)
    elif not actor.may(Permission.AUDIT_LEDGER):
        raise NotFound
    causes = cause_urls(db.session(), [transaction.reference], actor)
    names = account_names(db.session(), accounts_of(transaction))
    return render_template(
        "statements/transaction.html",
        transaction=transaction,
        names=names,
        title=record_title(transaction, names) or transaction.memo,
        kind=kind_label(transaction.kind),
        cause_url=causes.get(transaction.reference),
        ours=own_code,
        actor_name=actor_names(db.session(), [transaction.actor])[transaction.actor],
    )


def statement_page(
    code: str,
    endpoint: str,
    values: dict[str, Any],
    *,
    earlier: Sequence[School] = (),
    with_history: bool = False,
) -> ResponseReturnValue:
    """Show the statement of ``code``; ``endpoint`` and ``values`` address the page itself.

    ``earlier`` are schools whose own statements belong to this one's record; ``with_history``
    adds what was done to the account, by whom and why.
    """
    period = requested_period()
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
        raise Refusal(str(error)) from error
    holds = book.holds(code)
    names = account_names(
        db.session(), {c for hold in holds for c in (hold.source, hold.target)} | {code}
    )
    query: dict[str, Any] = {"start": period.start.isoformat(), "end": period.end.isoformat()}
    references = {hold.reference for hold in holds}
    body = render_template(
        "statements/statement.html",
        account=account,
        name=names[code],
        statement=page,
        lines=statement_rows(db.session(), page.lines, current_actor()),
        holds=holds,
        names=names,
        causes=cause_urls(db.session(), references, current_actor()),
        history=history_rows(db.session(), book.history(code)) if with_history else [],
        period=period,
        earlier=earlier,
        here=url_for(endpoint, **values),
        hidden_values={"of": values["of"]} if "of" in values else {},
        csv_url=url_for(f"{endpoint}_csv", **values, **query),
        next_url=url_for(endpoint, **values, **query, after=page.next) if page.next else None,
        first_page=not request.args.get("after"),
    )
    return body, 422 if period.problem else 200


def requested_school(earlier: Sequence[School]) -> int | None:
    """Return the school whose statement the address asks for, if it is not one's own.

    Raises:
        NotFound: it is not one that the school acted for carries on for.
    """
    of = request.args.get("of", "")
    if not of:
        return None
    for school in earlier:
        if str(school.urn) == of:
            return school.urn
    raise NotFound


def _continues_one_of(urn: int, codes: list[str]) -> bool:
    """Say whether one of the accounts is of a school that ``urn`` carries on for."""
    earlier = schools_continued_by(db.session(), urn)
    return bool({account_code(school.urn) for school in earlier} & set(codes))


def requested_period() -> Period:
    """Return the period that the address asks for."""
    return read_period(request.args.get("start", ""), request.args.get("end", ""))
