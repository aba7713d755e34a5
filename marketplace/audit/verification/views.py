"""The pages of verifications: the history, one run, and the buttons that ask for one."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.audit.standing import book_standing
from marketplace.audit.verification import queries
from marketplace.audit.verification.presenters import (
    counts_in_words,
    fault_rows,
    progress_sentence,
    run_row,
)
from marketplace.audit.verification.service import ask_verification
from marketplace.database import db
from marketplace.web.forms import button_was_pressed

AUDIT = needs(Permission.AUDIT_LEDGER)


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the auditors' blueprint."""
    blueprint.add_url_rule("/verifications", view_func=verifications)
    blueprint.add_url_rule("/verifications", view_func=verify, methods=["POST"])
    blueprint.add_url_rule("/verifications/<int:run_id>", view_func=verification)


@access(AUDIT)
def verifications() -> ResponseReturnValue:
    """Show every verification, the newest first, and how the book stands."""
    session = db.session()
    page = queries.list_runs(session, after=request.args.get("after", ""))
    return render_template(
        "audit/verification/verifications.html",
        rows=[run_row(run) for run in page.rows],
        standing=book_standing(session),
        next_url=url_for("audit.verifications", after=page.next) if page.next else None,
    )


@access(AUDIT)
def verify() -> ResponseReturnValue:
    """Have the worker verify the book now."""
    if not button_was_pressed():
        return redirect(url_for("audit.verifications"))
    thorough = request.form.get("thorough") == "yes"
    run_id, is_new = ask_verification(db.session(), current_actor(), thorough=thorough)
    if not is_new:
        flash("A verification is under way already. This is how far it is.", "info")
    return redirect(url_for("audit.verification", run_id=run_id))


@access(AUDIT)
def verification(run_id: int) -> ResponseReturnValue:
    """Show one verification: how far it is, or what came of it and what to do next."""
    run = queries.get_run(db.session(), run_id)
    return render_template(
        "audit/verification/verification.html",
        row=run_row(run),
        run=run,
        progress="" if run.finished_at else progress_sentence(run),
        counts=counts_in_words(run),
        faults=fault_rows(run),
    )
