"""The page on which a trust decides what help between its schools costs."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.database import db
from marketplace.errors import NotFound
from marketplace.exchanges.within_trust import queries, service
from marketplace.exchanges.within_trust.forms import AGREED, FREE, WithinTrustForm

blueprint = Blueprint("within_trust", __name__)


@blueprint.route("/trust/cost-of-help", methods=["GET", "POST"])
@access(needs(Permission.SET_TRUST_RULES, school=True), recent=True)
def rule() -> ResponseReturnValue:
    """Decide whether help between two schools of the trust is free."""
    actor = current_actor()
    if actor.trust_id is None:
        raise NotFound("Your school belongs to no trust.")
    rules = queries.rules_of(db.session(), actor.trust_id)
    form = WithinTrustForm(cost=FREE if rules and rules[0].free else AGREED)
    if form.validate_on_submit():
        service.set_within_trust(db.session(), actor, free=form.cost.data == FREE)
        flash("Saved.", "success")
        return redirect(url_for(".rule"))
    page = render_template(
        "exchanges/within_trust/rule.html", form=form, rules=rules, urn=actor.school()
    )
    return page, form.status
