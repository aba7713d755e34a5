"""The pages on which a school writes about itself. The page itself is one of ``pages``."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.audiences.audience import Audience
from marketplace.audiences.choosing import own_circles, preview
from marketplace.audiences.forms import audience_data
from marketplace.database import db
from marketplace.profiles.parts import queries, service
from marketplace.profiles.parts.forms import PartForm
from marketplace.profiles.parts.models import PartKind
from marketplace.profiles.parts.presenters import HEADINGS, HINTS

blueprint = Blueprint("profiles", __name__)

WRITE = needs(Permission.WRITE_PROFILE, school=True)


@blueprint.route(f"/profile/<any({', '.join(PartKind)}):kind>", methods=["GET", "POST"])
@access(WRITE)
def write(kind: str) -> ResponseReturnValue:
    """Write one part of the school's page."""
    session, actor, part_kind = db.session(), current_actor(), PartKind(kind)
    part = queries.own_part(session, actor, part_kind)
    own = own_circles(session, actor)
    form = PartForm(
        own,
        text=part.text if part else "",
        version=part.version if part else 0,
        **audience_data(part.seen_by if part else Audience()),
    )
    if form.validate_on_submit():
        service.write_part(
            session,
            actor,
            part_kind,
            form.text.data or "",
            form.chosen_audience(),
            version=form.seen_version,
        )
        flash("Saved.", "success")
        return redirect(url_for(".parts"))
    page = render_template(
        "profiles/write.html",
        form=form,
        heading=HEADINGS[part_kind],
        hint=HINTS[part_kind],
        preview=preview(session, form.chosen_audience(), own),
    )
    return page, form.status
