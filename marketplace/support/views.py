"""The pages of support access: the operator's, and the one of a school's administrators."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import SIGNED_IN, access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.accounts.support_access import LASTS
from marketplace.database import db
from marketplace.support import queries, service
from marketplace.support.forms import SupportForm
from marketplace.web.forms import button_was_pressed

blueprint = Blueprint("support", __name__)

OPERATOR = needs(Permission.MANAGE_NETWORK)
MINUTES = round(LASTS.total_seconds() / 60)


@blueprint.get("/network/support")
@access(OPERATOR)
def desk() -> ResponseReturnValue:
    """Show the support accesses to all schools, the newest first."""
    return _list("support.desk", "support/desk.html")


@blueprint.get("/support-access")
@access(needs(Permission.MANAGE_MEMBERS, school=True))
def history() -> ResponseReturnValue:
    """Show a school’s administrators who read its pages for support, when and why."""
    return _list("support.history", "support/history.html")


@blueprint.route("/network/support/new", methods=["GET", "POST"])
@access(OPERATOR, recent=True)
def begin() -> ResponseReturnValue:
    """Begin to read a school’s private pages, with a reason."""
    form = SupportForm(urn=request.args.get("urn", ""))
    if form.validate_on_submit():
        support = service.begin_support(
            db.session(),
            current_actor(),
            form.school_urn,
            form.reason.data or "",
            idempotency_key=form.key,
        )
        session["acting"] = support.key
        return redirect(url_for("pages.dashboard"))
    return render_template("support/begin.html", form=form, minutes=MINUTES), form.status


@blueprint.post("/network/support/<int:access_id>/open")
@access(OPERATOR)
def enter(access_id: int) -> ResponseReturnValue:
    """Go on reading by a support access of one’s own that is still open."""
    support = queries.get_access(db.session(), access_id, current_actor())
    if button_was_pressed():
        if support.is_open and support.operator_id == current_actor().person_id:
            session["acting"] = support.key
            return redirect(url_for("pages.dashboard"))
        flash("This support access is over, or it is another operator’s.", "danger")
    return redirect(url_for(".desk"))


@blueprint.post("/support-access/<int:access_id>/end")
@access(SIGNED_IN)
def end(access_id: int) -> ResponseReturnValue:
    """End a support access: an operator may, and so may the school’s administrators."""
    actor = current_actor()
    support = queries.get_access(db.session(), access_id, actor)
    if button_was_pressed():
        service.end_support(db.session(), actor, support)
        flash("The support access has ended.", "success")
    if actor.support_id is not None or actor.urn is None:
        session["acting"] = "network"
        return redirect(url_for(".desk"))
    return redirect(url_for(".history"))


def _list(endpoint: str, template: str) -> ResponseReturnValue:
    after = request.args.get("after", "")
    page = queries.list_accesses(db.session(), current_actor(), after=after)
    return render_template(
        template,
        rows=page.rows,
        next_url=url_for(endpoint, after=page.next) if page.next else None,
        first_page=not after,
        person_id=current_actor().person_id,
        minutes=MINUTES,
    )
