"""The journal: its page with its filters, and what is filtered as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor
from marketplace.audit.export_runs.presenters import FORMS
from marketplace.audit.journal.criteria import Place
from marketplace.audit.journal.exports import export_journal, record_export
from marketplace.audit.journal.filters import (
    ANY_CLOSED,
    FLAGS,
    KINDS,
    MOVED,
    OLDEST,
    Filters,
    read_filters,
)
from marketplace.audit.journal.presenters import journal_rows, totals_text, with_gaps
from marketplace.audit.journal.search import Hits, JournalSearch
from marketplace.audit.views import AUDIT, blueprint
from marketplace.credits.chart import kind_label
from marketplace.database import db
from marketplace.errors import Refusal
from marketplace.web.formats import day

JOURNAL_PAGE = 25


@blueprint.get("/journal")
@access(AUDIT)
def journal() -> ResponseReturnValue:
    """Show the book’s records, newest first: all, or those that fit what is asked for."""
    filters = read_filters(db.session(), request.args)
    after = request.args.get("after") or None
    found, hits = None, Hits([], None)
    if not filters.problems:
        found = JournalSearch(db.session(), filters.criteria)
        hits = found.page(after, JOURNAL_PAGE)
    totals = found.totals() if found is not None else None
    closed_through = filters.closed_ends[-1] if filters.closed_ends else None
    rows = journal_rows(db.session(), hits.rows, closed_through)
    place = Place.read(filters.criteria, after) if after else None
    shown = with_gaps(
        rows,
        place.number if place is not None else None,
        newest_first=filters.criteria.newest_first,
        is_last=hits.next is None and found is not None and not found.is_behind,
    )
    body = render_template(
        "audit/journal.html",
        rows=rows if filters.criteria.is_narrowed else shown,
        typed=filters.typed,
        problems=filters.problems,
        problem=" ".join(filters.problems.values()),
        choices=_choices(filters),
        chips=_chips(filters),
        flags=FLAGS.items(),
        kinds=[(kind, kind_label(kind)) for kind in KINDS],
        closed_periods=[(end.isoformat(), day(end)) for end in reversed(filters.closed_ends)],
        any_closed=ANY_CLOSED,
        moved_only=filters.typed.get("include") == MOVED,
        oldest_first=filters.typed.get("order") == OLDEST,
        totals=totals_text(totals, len(rows)) if totals is not None else "",
        downloads=[
            # What may be long has a page that shows how far it is.
            (
                label,
                url_for(
                    "audit.journal_export"
                    if totals is not None and totals.exact
                    else "audit.export",
                    form=form,
                    **_any(filters.typed),
                ),
            )
            for form, label in FORMS.items()
        ],
        is_behind=found is not None and found.is_behind,
        next_url=_page_url(filters.typed | {"after": hits.next}) if hits.next else None,
        first_page=after is None,
    )
    return body, 422 if filters.problems else 200


@blueprint.get("/journal.<any(csv, xlsx, hledger, beancount):form>")
@access(AUDIT)
def journal_export(form: str) -> ResponseReturnValue:
    """Return the records that fit as a file; the security log has it."""
    filters = read_filters(db.session(), request.args)
    if filters.problems:
        raise Refusal(" ".join(filters.problems.values()))
    answer = export_journal(form, filters.criteria)
    record_export(current_actor(), form)
    return answer


def _page_url(values: Mapping[str, Any]) -> str:
    return url_for("audit.journal", **values)


def _any(typed: Mapping[str, str]) -> dict[str, Any]:
    return dict(typed)


def _without(filters: Filters, *names: str) -> dict[str, str]:
    """The parameters of the page without some."""
    return {name: text for name, text in filters.typed.items() if name not in names}


def _chips(filters: Filters) -> list[tuple[str, str]]:
    """What is set, in words, each with the address of the page without it."""
    return [(chip.label, _page_url(_without(filters, *chip.names))) for chip in filters.chips]


def _choices(filters: Filters) -> list[tuple[str, str]]:
    """What may have been meant, each with the address of the page for it."""
    return [
        (label, _page_url(_without(filters, name) | {name: text}))
        for name, choices in filters.choices.items()
        for text, label in choices
    ]
