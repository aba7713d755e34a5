"""The pages of moderation: a school reports a listing, the operator decides."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.database import db
from marketplace.errors import NotFound
from marketplace.listings.models import ListingStatus
from marketplace.listings.moderation import queries, service
from marketplace.listings.moderation.forms import DECISION_NAMES, DecisionForm, ReportForm
from marketplace.listings.moderation.models import Decision
from marketplace.listings.moderation.presenters import reason_label
from marketplace.listings.queries import get_listing

blueprint = Blueprint("moderation", __name__)

NETWORK = needs(Permission.MANAGE_NETWORK)
NAMES = {decision.value: name for decision, name in DECISION_NAMES.items()}


@blueprint.route("/listings/<int:listing_id>/report", methods=["GET", "POST"])
@access(needs(Permission.ASK, school=True))
def report(listing_id: int) -> ResponseReturnValue:
    """Report a listing of another school, or see what became of it."""
    session, actor = db.session(), current_actor()
    earlier = queries.own_report(session, actor, listing_id)
    if earlier is not None and request.method == "GET" and "again" not in request.args:
        return render_template(
            "listings/reported.html",
            report=earlier,
            reason=reason_label(earlier.reason),
            names=NAMES,
        )
    listing = get_listing(session, listing_id, actor)
    if listing.school_urn == actor.urn:
        raise NotFound
    form = ReportForm()
    if form.validate_on_submit():
        service.report_listing(session, actor, listing, form.reason.data, form.text.data or "")
        flash("Thank you. The network’s operator looks at it and tells you.", "success")
        return redirect(url_for("pages.listing", listing_id=listing_id))
    return render_template("listings/report.html", form=form, listing=listing), form.status


@blueprint.get("/network/reports")
@access(NETWORK)
def reports() -> ResponseReturnValue:
    """Show the reports that wait for a decision, or those that are decided."""
    decided = request.args.get("show") == "decided"
    page = queries.list_reports(
        db.session(), current_actor(), decided=decided, after=request.args.get("after", "")
    )
    show = "decided" if decided else None
    return render_template(
        "listings/reports.html",
        rows=page.rows,
        decided=decided,
        reason_label=reason_label,
        names=NAMES,
        tabs=[
            ("To be decided", url_for(".reports"), not decided),
            ("Decided", url_for(".reports", show="decided"), decided),
        ],
        next_url=url_for(".reports", show=show, after=page.next) if page.next else None,
    )


@blueprint.route("/network/reports/<int:listing_id>", methods=["GET", "POST"])
@access(NETWORK)
def decide(listing_id: int) -> ResponseReturnValue:
    """Hide a listing, leave it, or show it again; with the reports and what was decided before."""
    session, actor = db.session(), current_actor()
    listing = get_listing(session, listing_id, actor)
    form = DecisionForm(version=listing.version)
    form.offer(hidden=listing.status == ListingStatus.HIDDEN)
    if form.validate_on_submit():
        step = service.decide(
            session,
            actor,
            listing,
            form.decision.data,
            form.reason.data or "",
            version=form.seen_version,
        )
        name = DECISION_NAMES[Decision(step.decision)].lower()
        flash(f"It is {name}. The school and those who reported it are told.", "success")
        return redirect(url_for(".reports"))
    page = render_template(
        "listings/moderate.html",
        form=form,
        listing=listing,
        reports=queries.reports_of(session, listing_id),
        steps=queries.trail(session, listing_id),
        reason_label=reason_label,
        names=NAMES,
        why_not=queries.why_not_decide(session, actor, listing),
    )
    return page, form.status
