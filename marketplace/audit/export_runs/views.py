"""The pages of a long download: how large it is, how far it is, and the file itself."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.audit.export_runs import service
from marketplace.audit.export_runs.presenters import FORMS, export_page, size_sentence
from marketplace.audit.export_runs.queries import get_export
from marketplace.audit.journal.exports import export_journal, record_export
from marketplace.audit.journal.filters import Filters, read_filters
from marketplace.audit.journal.search import JournalSearch
from marketplace.database import db
from marketplace.errors import Refusal
from marketplace.web.forms import button_was_pressed

AUDIT = needs(Permission.AUDIT_LEDGER)


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the auditors' blueprint."""
    blueprint.add_url_rule("/journal/download", view_func=export)
    blueprint.add_url_rule("/journal/download", view_func=begin_export, methods=["POST"])
    blueprint.add_url_rule("/downloads/<int:run_id>", view_func=export_progress)
    blueprint.add_url_rule("/downloads/<int:run_id>/file", view_func=export_file)


@access(AUDIT)
def export() -> ResponseReturnValue:
    """Show how large a download would be and how long it would take, before it begins."""
    form, filters = _asked()
    records = JournalSearch(db.session(), filters.criteria).count()
    return render_template(
        "audit/export_runs/export.html",
        label=FORMS[form],
        sentence=size_sentence(form, records),
        chips=[chip.label for chip in filters.chips],
        begin_url=url_for("audit.begin_export", form=form, **_any(filters.typed)),
        journal_url=url_for("audit.journal", **_any(filters.typed)),
    )


@access(AUDIT)
def begin_export() -> ResponseReturnValue:
    """Write down what is wanted, and lead to the page that shows how far it is."""
    form, filters = _asked()
    if not button_was_pressed():
        return redirect(url_for("audit.export", form=form, **_any(filters.typed)))
    session = db.session()
    records = JournalSearch(session, filters.criteria).count()
    run = service.ask_export(session, current_actor(), form, filters.typed, records)
    return redirect(url_for("audit.export_progress", run_id=run.id))


@access(AUDIT)
def export_progress(run_id: int) -> ResponseReturnValue:
    """Show how far a download is; one that has not begun is begun by its page."""
    run = get_export(db.session(), run_id, current_actor())
    return render_template("audit/export_runs/progress.html", page=export_page(run), run=run)


@access(AUDIT)
def export_file(run_id: int) -> ResponseReturnValue:
    """Return the records as a file, and note how far it is; the security log has it."""
    session, actor = db.session(), current_actor()
    run = get_export(session, run_id, actor)
    filters = read_filters(session, run.filters)
    if filters.problems:
        raise Refusal(" ".join(filters.problems.values()))
    engine = db.engine
    answer = export_journal(run.form, filters.criteria, lambda: service.Progress(engine, run_id))
    record_export(actor, run.form)
    return answer


def _asked() -> tuple[str, Filters]:
    """The form and the filters that the address has.

    Raises:
        Refusal: a filter cannot be read.
    """
    filters = read_filters(db.session(), request.args)
    if filters.problems:
        raise Refusal(" ".join(filters.problems.values()))
    form = request.args.get("form", "")
    return form if form in FORMS else "csv", filters


def _any(typed: dict[str, str]) -> dict[str, Any]:
    return dict(typed)
