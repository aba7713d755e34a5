"""The pages about one person on both sides: a trust's rule, and the report for the network."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.database import db
from marketplace.errors import NotFound
from marketplace.exchanges.same_person import queries, service
from marketplace.exchanges.same_person.forms import SamePersonForm
from marketplace.exchanges.state_words import state_tag

blueprint = Blueprint("same_person", __name__)


@blueprint.route("/trust/same-person", methods=["GET", "POST"])
@access(needs(Permission.SET_TRUST_RULES, school=True), recent=True)
def rule() -> ResponseReturnValue:
    """Decide whether one person may act for two schools of the trust in one exchange."""
    actor = current_actor()
    if actor.trust_id is None:
        raise NotFound("Your school belongs to no trust.")
    rules = queries.rules_of(db.session(), actor.trust_id)
    form = SamePersonForm(allowed=bool(rules) and rules[0].allowed)
    if form.validate_on_submit():
        service.allow_same_person(db.session(), actor, form.allowed.data)
        flash("Saved.", "success")
        return redirect(url_for(".rule"))
    page = render_template(
        "exchanges/same_person/rule.html", form=form, rules=rules, urn=actor.school()
    )
    return page, form.status


@blueprint.get("/network/same-person")
@access(needs(Permission.AUDIT_LEDGER))
def report() -> ResponseReturnValue:
    """Show the exchanges in which one person acted for both schools, the newest first."""
    page = queries.list_same_person(db.session(), after=request.args.get("after", ""))
    return render_template(
        "exchanges/same_person/report.html",
        lines=page.rows,
        state_tag=state_tag,
        next_url=url_for(".report", after=page.next) if page.next else None,
    )
