"""The pages on which a school keeps its pieces of evidence."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.audiences.audience import Audience
from marketplace.audiences.words import label
from marketplace.database import db
from marketplace.profiles.evidence import queries, service
from marketplace.profiles.evidence.forms import EvidenceForm, values_of
from marketplace.profiles.evidence.presenters import evidence_row
from marketplace.profiles.parts.models import PartKind
from marketplace.profiles.parts.queries import own_part
from marketplace.web.forms import Form

blueprint = Blueprint("evidence", __name__)

WRITE = needs(Permission.WRITE_PROFILE, school=True)


@blueprint.get("/evidence")
@access(WRITE)
def ours() -> ResponseReturnValue:
    """Show the school's pieces of evidence, with who sees them."""
    session, actor = db.session(), current_actor()
    part = own_part(session, actor, PartKind.EVIDENCE)
    return render_template(
        "evidence/ours.html",
        rows=[evidence_row(one, with_adder=True) for one in queries.own_evidence(session, actor)],
        seen_by=label(part.seen_by if part is not None else Audience()),
        most=service.MOST_PIECES,
    )


@blueprint.route("/evidence/new", methods=["GET", "POST"])
@access(WRITE)
def new() -> ResponseReturnValue:
    """Add a piece of evidence."""
    form = EvidenceForm()
    if form.validate_on_submit():
        service.add_evidence(db.session(), current_actor(), form.piece(), idempotency_key=form.key)
        flash("Added.", "success")
        return redirect(url_for(".ours"))
    return render_template("evidence/edit.html", form=form, is_new=True), form.status


@blueprint.route("/evidence/<int:evidence_id>/change", methods=["GET", "POST"])
@access(WRITE)
def change(evidence_id: int) -> ResponseReturnValue:
    """Change a piece of evidence."""
    evidence = queries.own_piece(db.session(), current_actor(), evidence_id)
    form = EvidenceForm(**values_of(evidence))
    if form.validate_on_submit():
        service.change_evidence(
            db.session(), current_actor(), evidence_id, form.piece(), version=form.seen_version
        )
        flash("Saved.", "success")
        return redirect(url_for(".ours"))
    return render_template("evidence/edit.html", form=form, is_new=False), form.status


@blueprint.route("/evidence/<int:evidence_id>/remove", methods=["GET", "POST"])
@access(WRITE)
def remove(evidence_id: int) -> ResponseReturnValue:
    """Remove a piece of evidence, after asking."""
    evidence = queries.own_piece(db.session(), current_actor(), evidence_id)
    form = Form()
    if form.validate_on_submit():
        service.remove_evidence(db.session(), current_actor(), evidence_id)
        flash("Removed.", "success")
        return redirect(url_for(".ours"))
    page = render_template("evidence/remove.html", form=form, row=evidence_row(evidence))
    return page, form.status
