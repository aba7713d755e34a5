"""The page on which an administrator resets the second factor of a colleague."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor
from marketplace.accounts.second_factors.factors import factors_of
from marketplace.database import db
from marketplace.members.factor_resets import reset_factors, why_no_reset
from marketplace.members.service import colleague, school_to_manage
from marketplace.members.views import MANAGE, blueprint
from marketplace.web.forms import Form

__all__ = ["blueprint", "factors"]


@blueprint.route("/schools/<int:urn>/people/<int:person_id>/second-factor", methods=["GET", "POST"])
@access(MANAGE, recent=True)
def factors(urn: int, person_id: int) -> ResponseReturnValue:
    """Show which second factors a colleague has, and reset them."""
    session, actor = db.session(), current_actor()
    school = school_to_manage(session, actor, urn)
    person, _ = colleague(session, urn, person_id)
    form = Form()
    if form.validate_on_submit():
        reset_factors(session, actor, urn, person_id)
        flash(
            f"The second factor of {person.name} has been reset, and they have been told by e-mail."
            " They sign in with their password now.",
            "success",
        )
        return redirect(url_for(".roles", urn=urn, person_id=person_id))
    page = render_template(
        "members/factors.html",
        school=school,
        person=person,
        factors=factors_of(session, person),
        no_reset=why_no_reset(session, actor, urn, person),
        form=form,
    )
    return page, form.status
