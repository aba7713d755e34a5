"""A school's credits: statement and holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ledger import Book
from marketplace import clock
from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.clock import LONDON, today
from marketplace.credits.chart import (
    SCHOOLS,
    account_code,
    account_names,
)
from marketplace.database import db
from marketplace.errors import NotFound
from marketplace.listings.topics import current_topics
from marketplace.schools.models import School
from marketplace.schools.queries import schools_continued_by
from marketplace.statements.book_notes import book_note
from marketplace.statements.commitments import Commitments, commitments_of
from marketplace.statements.downloads.views import download
from marketplace.statements.entries import (
    NO_TOPIC,
    find_statement_account,
    list_latest_entries,
)
from marketplace.statements.figure_rows import Addresses, figure_rows, largest, topic_name
from marketplace.statements.figures import figures_with_before
from marketplace.statements.period import Period, before_opening, presets, read_period
from marketplace.statements.presenters import (
    available_words,
    commitment_rows,
    history_rows,
    statement_rows,
)
from marketplace.statements.printing import printed_statement

blueprint = Blueprint("statements", __name__, url_prefix="/credits")

PAGE = 25
"""How many entries are on a page, the newest first of all."""
LARGEST = 10
"""How many schools, topics and holds are shown at first."""
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
    return _download("csv")


@blueprint.get("/statement.xlsx")
@access(OWN)
def statement_xlsx() -> ResponseReturnValue:
    """Return the school's statement for a period as a spreadsheet."""
    return _download("xlsx")


@blueprint.get("/statement.pdf")
@access(OWN)
def statement_pdf() -> ResponseReturnValue:
    """Return the school's statement for a period as a PDF."""
    return _download("pdf")


def _download(form: str) -> ResponseReturnValue:
    urn = current_actor().school()
    of = None
    if "of" in request.args:
        of = requested_school(schools_continued_by(db.session(), urn))
    return download(account_code(of or urn), requested_period(), form)


def statement_page(
    code: str,
    endpoint: str,
    values: dict[str, Any],
    *,
    earlier: Sequence[School] = (),
    with_history: bool = False,
    back: tuple[str, str] | None = None,
) -> ResponseReturnValue:
    """Show the statement of ``code``; ``endpoint`` and ``values`` address the page itself.

    ``earlier`` are schools whose own statements belong to this one's record; ``with_history``
    adds what was done to the account, by whom and why; ``back`` is the address and the label of the
    page above.
    """
    session, actor = db.session(), current_actor()
    statement_account = find_statement_account(session, code)
    if statement_account is None:
        raise NotFound("There is no such account.")
    opened_on = statement_account.opened_at.astimezone(LONDON).date()
    period = before_opening(requested_period(), opened_on)
    here = url_for(endpoint, **values)
    context: dict[str, Any] = {
        "period": period,
        "presets": [
            (preset.label, url_for(endpoint, **values, period=preset.slug), preset.period == period)
            for preset in presets()
            if preset.period.end >= opened_on
        ],
        "typed": {name: request.args.get(name, "") for name in ("start", "end")},
        "here": here,
        "hidden_values": {"of": values["of"]} if "of" in values else {},
        "earlier": earlier,
        "back": back,
        "urn": code.removeprefix(SCHOOLS) if code.startswith(SCHOOLS) else None,
    }
    if period.problem:
        name = account_names(session, [code])[code]
        return render_template("statements/no_statement.html", name=name, **context), 422
    if request.args.get("print") == "all":
        return printed_statement(session, actor, code, period)
    topic = request.args.get("topic", "")
    if topic and topic != NO_TOPIC and topic not in current_topics().by_slug:
        raise NotFound
    before = request.args.get("before", "")
    page = list_latest_entries(session, code, period, topic_slug=topic, before=before, limit=PAGE)
    book = Book(session)
    account = book.account(code)
    compared = period.before if period.before.end >= opened_on else None
    figures, moved_before = figures_with_before(session, code, period, compared)
    most = None if request.args.get("show") == "all" else LARGEST
    largest_parts = replace(
        figures,
        by_partner=largest(figures.by_partner, most),
        by_topic=largest(figures.by_topic, most),
    )
    reaches_today = period.end == today()
    commitments = commitments_of(session, account, most) if reaches_today else Commitments()
    codes = {code, *largest_parts.by_partner}
    codes |= {code for line in page.lines for code in line.partners}
    codes |= {item.partner for item in (*commitments.outgoing, *commitments.incoming)}
    names = account_names(session, [code for code in codes if code is not None])
    query: dict[str, Any] = {"start": period.start.isoformat(), "end": period.end.isoformat()}
    topic_query = f"&topic={topic}" if topic else ""
    addresses = Addresses(
        here, {"of": values["of"]} if "of" in values else {}, _reconcile_urls(code, names, query)
    )
    here_url = addresses.of_period(period.start, period.end)
    return render_template(
        "statements/statement.html",
        **context,
        account=account,
        name=names[code],
        rows=statement_rows(page.lines, names, actor),
        figures=figures,
        parts=figure_rows(
            largest_parts,
            moved_before,
            period,
            names,
            addresses,
            of_school=code.startswith(SCHOOLS),
        ),
        counts={
            "partners": len(figures.by_partner),
            "topics": len(figures.by_topic),
            "outgoing": commitments.outgoing_count,
            "incoming": commitments.incoming_count,
        },
        topic=topic_name(topic) if topic else "",
        all_url=here_url,
        show_all_url=f"{here_url}&show=all",
        print_url=f"{here_url}&print=all",
        reaches_today=reaches_today,
        today_url=url_for(endpoint, **values),
        outgoing=commitment_rows(commitments.outgoing, names, actor),
        incoming=commitment_rows(commitments.incoming, names, actor),
        available_words=available_words(account),
        history=history_rows(session, book.history(code)) if with_history else [],
        downloads=[
            (label, url_for(f"{endpoint}_{form}", **values, **query))
            for label, form in (("PDF", "pdf"), ("Excel", "xlsx"), ("CSV", "csv"))
        ],
        reconcile_url=url_for("reconciling.reconciliation", **_reconciled(code), **query),
        earlier_url=f"{here_url}{topic_query}&before={page.next}" if page.next else None,
        brought_forward=page.lines[0].balance - page.lines[0].amount if page.next else None,
        newest_url=f"{here_url}{topic_query}" if before else None,
        book_note=book_note(session),
        produced_at=clock.now(),
    ), 200


def _reconcile_urls(
    code: str, names: Mapping[str, str], query: Mapping[str, Any]
) -> dict[str, str]:
    """Where a school's statement is held against that of each partner, by the partner's code."""
    if not code.startswith(SCHOOLS):
        return {}
    # One address for all of them: making each by the routes takes longer than the rest of a page.
    address = url_for("reconciling.reconciliation", **_reconciled(code), **query)
    return {
        partner: f"{address}&with={partner.removeprefix(SCHOOLS)}"
        for partner in names
        if partner.startswith(SCHOOLS) and partner != code
    }


def _reconciled(code: str) -> dict[str, Any]:
    """How the comparison is told whose statement it is of, where it is not the actor's own."""
    urn = current_actor().urn
    if not code.startswith(SCHOOLS) or (urn is not None and code == account_code(urn)):
        return {}
    return {"of": code.removeprefix(SCHOOLS)}


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


def requested_period() -> Period:
    """Return the period that the address asks for."""
    return read_period(
        request.args.get("start", ""), request.args.get("end", ""), request.args.get("period", "")
    )
