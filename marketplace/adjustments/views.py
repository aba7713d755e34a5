"""The pages of adjustments: the network's, and those on which a school reads its own."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.adjustments import queries, service
from marketplace.adjustments.deciding import why_not_decided_by
from marketplace.adjustments.figures import figures_now, fingerprint, has_changed
from marketplace.adjustments.forms import ApprovalForm, RefusalForm, WithdrawalForm
from marketplace.adjustments.kinds import KINDS
from marketplace.adjustments.presenters import (
    adjustment_row,
    figure_rows,
    final_figures,
    summary_of,
    trail_items,
)
from marketplace.credits.accounts import find_account
from marketplace.database import db
from marketplace.errors import NotFound
from marketplace.network.queries import get_school_here
from marketplace.network.two_people import who_approves
from marketplace.web.forms import Form

blueprint = Blueprint("adjustments", __name__)

READ = needs(Permission.AUDIT_LEDGER)
MANAGE = needs(Permission.MANAGE_NETWORK)
OWN = needs(Permission.VIEW_ADJUSTMENTS, school=True)


@blueprint.get("/network/adjustments")
@access(READ)
def adjustments() -> ResponseReturnValue:
    """Show all adjustments: those that wait first, then the latest."""
    person = request.args.get("person", "")
    values = {
        "kind": request.args.get("kind", ""),
        "school": request.args.get("school", "").strip()[:100],
        "person": person if person.isascii() and person.isdecimal() and len(person) < 10 else "",
    }
    filters = queries.Filters(
        values["kind"], values["school"], int(values["person"]) if values["person"] else None
    )
    page = queries.list_adjustments(db.session(), filters, after=request.args.get("after", ""))
    return render_template(
        "adjustments/adjustments.html",
        rows=[adjustment_row(adjustment) for adjustment in page.rows],
        values=values,
        is_filtered=any(values.values()),
        kinds=[(kind.name, kind.label) for kind in KINDS.values()],
        people=queries.people_of_adjustments(db.session()),
        next_url=_next_url(values, page.next),
    )


@blueprint.get("/network/schools/<int:urn>/adjust")
@access(MANAGE)
def choose(urn: int) -> ResponseReturnValue:
    """Show what can be proposed about a school, and what waits about it already."""
    session = db.session()
    school = get_school_here(session, urn)
    return render_template(
        "adjustments/choose.html",
        school=school,
        kinds=[kind for kind in KINDS.values() if kind.is_offered(session, school)],
        waiting=[adjustment_row(each) for each in queries.open_of_school(session, urn)],
        account=find_account(session, urn),
    )


@blueprint.route("/network/schools/<int:urn>/adjust/<kind_name>", methods=["GET", "POST"])
@access(MANAGE, recent=True)
def propose(urn: int, kind_name: str) -> ResponseReturnValue:
    """Propose an adjustment of a school, with reason and evidence."""
    session = db.session()
    kind = KINDS.get(kind_name)
    if kind is None:
        raise NotFound("There is no such kind of adjustment.")
    school = get_school_here(session, urn)
    form = kind.make_form(session, school)
    if form.validate_on_submit():
        adjustment = service.propose_adjustment(
            session,
            current_actor(),
            kind,
            urn,
            details=form.details(),
            reason=form.reason.data or "",
            evidence=form.evidence.data or "",
            evidence_source=form.evidence_source.data or "",
            idempotency_key=form.key,
            urgent=form.is_urgent,
        )
        approver = who_approves(session)
        flash(
            f"Done, and proposed. It is undone unless {approver} confirms it within 48 hours."
            if form.is_urgent
            else f"Proposed. It happens once {approver} approves it.",
            "success",
        )
        return redirect(url_for(".adjustment", adjustment_id=adjustment.id))
    page = render_template(
        "adjustments/propose.html",
        form=form,
        kind=kind,
        heading=kind.heading(school),
        school=school,
        fields=[form[name] for name in form.own_fields],
        notices=kind.notices(session, school),
        account=find_account(session, urn),
    )
    return page, form.status


@blueprint.get("/network/adjustments/<int:adjustment_id>")
@access(READ)
def adjustment(adjustment_id: int) -> ResponseReturnValue:
    """Show one adjustment: its figures, its evidence, and what was done about it."""
    return _page(adjustment_id)


@blueprint.post("/network/adjustments/<int:adjustment_id>/approve")
@access(READ, recent=True)
def approve(adjustment_id: int) -> ResponseReturnValue:
    """Approve what another person has proposed."""
    form = ApprovalForm()
    if form.validate_on_submit():
        service.approve_adjustment(
            db.session(),
            current_actor(),
            adjustment_id,
            seen=form.seen.data or "",
            remark=form.remark.data or "",
            despite_changes=bool(form.despite_changes.data),
        )
        flash("Approved, and done.", "success")
        return redirect(url_for(".adjustment", adjustment_id=adjustment_id))
    return _page(adjustment_id, approval=form)


@blueprint.route("/network/adjustments/<int:adjustment_id>/refuse", methods=["GET", "POST"])
@access(READ, recent=True)
def refuse(adjustment_id: int) -> ResponseReturnValue:
    """Refuse what another person has proposed, with a reason."""
    session, actor = db.session(), current_actor()
    adjustment = queries.get_adjustment(session, adjustment_id, actor)
    may_refuse = adjustment.is_open and not why_not_decided_by(session, actor, adjustment)
    if request.method == "GET" and not may_refuse:
        return redirect(url_for(".adjustment", adjustment_id=adjustment_id))
    form = RefusalForm()
    if form.validate_on_submit():
        service.refuse_adjustment(session, actor, adjustment_id, reason=form.reason.data or "")
        flash("Refused. The person who proposed it is told.", "success")
        return redirect(url_for(".adjustment", adjustment_id=adjustment_id))
    page = render_template(
        "adjustments/refuse.html",
        form=form,
        row=adjustment_row(adjustment),
        is_done=adjustment.confirm_by is not None,
    )
    return page, form.status


@blueprint.post("/network/adjustments/<int:adjustment_id>/withdraw")
@access(MANAGE, recent=True)
def withdraw(adjustment_id: int) -> ResponseReturnValue:
    """Take back what one has proposed oneself."""
    form = WithdrawalForm()
    if form.validate_on_submit():
        service.withdraw_adjustment(
            db.session(), current_actor(), adjustment_id, remark=form.remark.data or ""
        )
        flash("Withdrawn.", "success")
        return redirect(url_for(".adjustment", adjustment_id=adjustment_id))
    return _page(adjustment_id, withdrawal=form)


@blueprint.get("/adjustments")
@access(OWN)
def own() -> ResponseReturnValue:
    """Show a school what the network has adjusted there."""
    page = queries.list_of_school(
        db.session(), current_actor(), after=request.args.get("after", "")
    )
    return render_template(
        "adjustments/own.html",
        rows=[adjustment_row(adjustment) for adjustment in page.rows],
        next_url=url_for(".own", after=page.next) if page.next else None,
    )


@blueprint.get("/adjustments/<int:adjustment_id>")
@access(OWN)
def own_one(adjustment_id: int) -> ResponseReturnValue:
    """Show a school one adjustment: why, and what it changed."""
    session = db.session()
    adjustment = queries.get_adjustment(session, adjustment_id, current_actor())
    trail = queries.trail_of(session, adjustment_id)
    return render_template(
        "adjustments/own_one.html",
        adjustment=adjustment,
        row=adjustment_row(adjustment),
        figures=final_figures(adjustment, trail),
        trail=trail_items(trail, for_network=False),
    )


def _page(
    adjustment_id: int,
    *,
    approval: ApprovalForm | None = None,
    withdrawal: WithdrawalForm | None = None,
) -> ResponseReturnValue:
    """The page of one adjustment, with the forms of those who may decide about it."""
    session, actor = db.session(), current_actor()
    adjustment = queries.get_adjustment(session, adjustment_id, actor)
    sent: Form | None = approval or withdrawal
    if sent is not None and sent.refusal is not None and not adjustment.is_open:
        raise sent.refusal
    trail = queries.trail_of(session, adjustment_id)
    figures = figures_now(session, adjustment) if adjustment.is_open else []
    approval = approval or ApprovalForm(formdata=None)
    approval.seen.data = fingerprint(figures)
    why_not = why_not_decided_by(session, actor, adjustment) if adjustment.is_open else ""
    is_own = adjustment.proposed_by_id == actor.person_id
    page = render_template(
        "adjustments/adjustment.html",
        adjustment=adjustment,
        row=adjustment_row(adjustment),
        summary=summary_of(adjustment),
        about=KINDS[adjustment.kind].about(session, adjustment.details),
        words=KINDS[adjustment.kind].words(adjustment.details),
        subject_page=KINDS[adjustment.kind].page(adjustment.details)
        if actor.may(Permission.MANAGE_NETWORK)
        else None,
        figures=figure_rows(adjustment, figures),
        final=final_figures(adjustment, trail),
        trail=trail_items(trail, for_network=True),
        has_changed=adjustment.is_open and has_changed(adjustment, figures),
        form=sent or approval,
        approval=approval,
        withdrawal=withdrawal or WithdrawalForm(formdata=None),
        why_not=why_not,
        may_withdraw=is_own and actor.may(Permission.MANAGE_NETWORK),
    )
    return page, sent.status if sent is not None else 200


def _next_url(values: dict[str, str], cursor: str | None) -> str | None:
    query: dict[str, Any] = {**values, "after": cursor}
    return url_for(".adjustments", **query) if cursor else None
