"""The operator's desk: the register's schools, and bringing one in."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.database import db
from marketplace.errors import NotFound
from marketplace.network.joining import join
from marketplace.network.queries import list_schools
from marketplace.schools.models import School
from marketplace.settings import current_policy
from marketplace.web.forms import button_was_pressed

blueprint = Blueprint("network", __name__, url_prefix="/network")


@blueprint.get("/schools")
@access(needs(Permission.MANAGE_NETWORK))
def schools() -> ResponseReturnValue:
    """Show the register's schools by name or URN, and who takes part."""
    search_text = request.args.get("q", "").strip()[:100]
    show = request.args.get("show", "")
    page = list_schools(
        db.session(), search_text, joined_only=show == "in", after=request.args.get("after", "")
    )
    return render_template(
        "network/schools.html",
        schools=page.rows,
        typed=search_text,
        only=show,
        next_url=url_for(".schools", q=search_text, show=show, after=page.next)
        if page.next
        else None,
        policy=current_policy(),
    )


@blueprint.post("/schools/<int:urn>/join")
@access(needs(Permission.MANAGE_NETWORK), recent=True)
def bring_in(urn: int) -> ResponseReturnValue:
    """Bring a school into the network."""
    school = db.session.get(School, urn)
    if school is None:
        raise NotFound("The register has no school with this URN.")
    if button_was_pressed():
        new = join(db.session(), school, current_policy(), actor=current_actor().ledger_name)
        flash(
            f"{school.name} takes part now, with its joining grant."
            " Next, add its first administrator under “People”."
            if new
            else f"{school.name} took part already.",
            "success" if new else "info",
        )
    return redirect(url_for(".schools", q=urn))
