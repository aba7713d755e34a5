"""The pages of a school's photographs, and the address of each picture."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.audiences.audience import Audience
from marketplace.audiences.choosing import own_circles, preview
from marketplace.audiences.forms import audience_data
from marketplace.database import db
from marketplace.errors import NotFound
from marketplace.profiles.photographs import queries, service
from marketplace.profiles.photographs.forms import (
    CHOOSE_AGAIN,
    NewPhotographForm,
    PhotographForm,
)
from marketplace.profiles.photographs.models import MOST_PHOTOGRAPHS, Size
from marketplace.profiles.photographs.presenters import photograph_row
from marketplace.web.bodies import takes_up_to
from marketplace.web.forms import Form, button_was_pressed

LARGEST_BODY = 12 * 1024 * 1024
"""More than a picture may have, so that a larger one is refused at its field."""

blueprint = Blueprint("photographs", __name__)

WRITE = needs(Permission.WRITE_PROFILE, school=True)


@blueprint.get("/photographs/<int:photograph_id>/<size>")
@access(needs(Permission.VIEW_LISTINGS))
def picture(photograph_id: int, size: str) -> ResponseReturnValue:
    """Send a picture to who may see it; their browser keeps it, and asks each time."""
    if size not in list(Size):
        raise NotFound
    photograph = queries.visible_photograph(db.session(), current_actor(), photograph_id)
    tag = f"{photograph.digest[:32]}-{size}"
    if request.if_none_match.contains(tag):
        response = Response(status=304)
    else:
        data = queries.bytes_of(db.session(), photograph, Size(size))
        response = Response(data, mimetype="image/webp")
        response.headers["Content-Disposition"] = f'inline; filename="{photograph.id}.webp"'
    response.set_etag(tag)
    response.cache_control.private = True
    response.cache_control.no_cache = True
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@blueprint.get("/profile/photographs")
@access(WRITE)
def ours() -> ResponseReturnValue:
    """Show the school's photographs, with what can be done with each."""
    actor = current_actor()
    rows = [
        photograph_row(one, with_adder=True) for one in queries.own_photographs(db.session(), actor)
    ]
    return render_template(
        "photographs/ours.html", rows=rows, most=MOST_PHOTOGRAPHS, urn=actor.school()
    )


@blueprint.route("/profile/photographs/new", methods=["GET", "POST"])
@access(WRITE)
@takes_up_to(LARGEST_BODY)
def new() -> ResponseReturnValue:
    """Add a photograph."""
    session, actor = db.session(), current_actor()
    own = own_circles(session, actor)
    form = NewPhotographForm(own, **audience_data(Audience()))
    if form.validate_on_submit():
        assert form.read is not None
        service.add_photograph(
            session,
            actor,
            form.read,
            form.words(),
            people_agreed=form.people_agreed.data,
            idempotency_key=form.key,
        )
        flash("Added. It stands on your page now, for those whom you chose.", "success")
        return redirect(url_for(".ours"))
    if form.has_to_choose_again:
        form.picture.errors = [*form.picture.errors, CHOOSE_AGAIN]
    page = render_template(
        "photographs/new.html",
        form=form,
        preview=preview(session, form.chosen_audience(), own),
    )
    return page, form.status


@blueprint.route("/profile/photographs/<int:photograph_id>/change", methods=["GET", "POST"])
@access(WRITE)
def change(photograph_id: int) -> ResponseReturnValue:
    """Change what is said of a photograph, and who sees it."""
    session, actor = db.session(), current_actor()
    photograph = queries.own_photograph(session, actor, photograph_id)
    own = own_circles(session, actor)
    form = PhotographForm(
        own,
        description=photograph.description,
        caption=photograph.caption,
        version=photograph.version,
        **audience_data(photograph.seen_by),
    )
    if form.validate_on_submit():
        service.change_photograph(
            session, actor, photograph_id, form.words(), version=form.seen_version
        )
        flash("Saved.", "success")
        return redirect(url_for(".ours"))
    page = render_template(
        "photographs/change.html",
        form=form,
        row=photograph_row(photograph),
        preview=preview(session, form.chosen_audience(), own),
    )
    return page, form.status


@blueprint.post("/profile/photographs/<int:photograph_id>/move")
@access(WRITE)
def move(photograph_id: int) -> ResponseReturnValue:
    """Move a photograph one place up or down."""
    queries.own_photograph(db.session(), current_actor(), photograph_id)
    if button_was_pressed():
        up = request.form.get("direction") != "down"
        service.move_photograph(db.session(), current_actor(), photograph_id, up=up)
    return redirect(url_for(".ours"))


@blueprint.route("/profile/photographs/<int:photograph_id>/remove", methods=["GET", "POST"])
@access(WRITE)
def remove(photograph_id: int) -> ResponseReturnValue:
    """Remove a photograph, after asking."""
    photograph = queries.own_photograph(db.session(), current_actor(), photograph_id)
    form = Form()
    if form.validate_on_submit():
        service.remove_photograph(db.session(), current_actor(), photograph_id)
        flash("Removed: the picture is deleted.", "success")
        return redirect(url_for(".ours"))
    page = render_template("photographs/remove.html", form=form, row=photograph_row(photograph))
    return page, form.status
