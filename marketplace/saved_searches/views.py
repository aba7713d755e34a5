"""The pages of saved searches: save one, the list, one of them, and ending its alerts."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import PUBLIC, access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.database import db
from marketplace.errors import NotFound
from marketplace.saved_searches import queries, service
from marketplace.saved_searches.criteria import SavedCriteria
from marketplace.saved_searches.forms import ChangeForm, SaveForm
from marketplace.saved_searches.models import AlertFrequency
from marketplace.saved_searches.presenters import saved_row
from marketplace.saved_searches.unsubscribing import search_of_token
from marketplace.web.forms import button_was_pressed

blueprint = Blueprint("saved_searches", __name__, url_prefix="/saved-searches")

LOOK = needs(Permission.VIEW_LISTINGS, school=True)


@blueprint.get("")
@access(LOOK)
def ours() -> ResponseReturnValue:
    """Show the person’s saved searches at the school acted for."""
    rows = queries.list_saved(db.session(), current_actor())
    return render_template(
        "saved_searches/ours.html", rows=[saved_row(search, found) for search, found in rows]
    )


@blueprint.route("/new", methods=["GET", "POST"])
@access(LOOK)
def new() -> ResponseReturnValue:
    """Save the search whose criteria stand in the address."""
    criteria = SavedCriteria.of_address(request.args)
    form = SaveForm(name=criteria.in_words(), frequency=AlertFrequency.DAILY.value)
    if form.validate_on_submit():
        search = service.save_search(
            db.session(),
            current_actor(),
            criteria,
            form.name.data or "",
            AlertFrequency(form.frequency.data),
            exactly=bool(request.args.get("exactly")),
            idempotency_key=form.key,
        )
        flash(f"Saved: “{search.name}”.", "success")
        return redirect(url_for(".ours"))
    page = render_template(
        "saved_searches/new.html",
        form=form,
        asked=criteria.in_words(),
        search_url=url_for("search.find", **criteria.address()),
    )
    return page, form.status


@blueprint.route("/<int:search_id>", methods=["GET", "POST"])
@access(LOOK)
def saved(search_id: int) -> ResponseReturnValue:
    """Show what a saved search has told of; rename it, or let it tell at other times."""
    actor = current_actor()
    search = queries.get_saved(db.session(), search_id, actor)
    form = ChangeForm(name=search.name, frequency=search.frequency, version=search.version)
    if form.validate_on_submit():
        service.change_search(
            db.session(),
            actor,
            search,
            form.name.data or "",
            AlertFrequency(form.frequency.data),
            version=form.seen_version,
        )
        flash("Saved.", "success")
        return redirect(url_for(".saved", search_id=search_id))
    page = queries.list_found(db.session(), actor, search, after=request.args.get("after", ""))
    criteria = SavedCriteria.restore(search.criteria)
    shown = render_template(
        "saved_searches/saved.html",
        form=form,
        search=search,
        asked=criteria.in_words(),
        found=page.rows,
        next_url=url_for(".saved", search_id=search_id, after=page.next) if page.next else None,
        search_url=url_for("search.find", **criteria.address()),
    )
    return shown, form.status


@blueprint.post("/<int:search_id>/delete")
@access(LOOK)
def delete(search_id: int) -> ResponseReturnValue:
    """Delete a saved search."""
    search = queries.get_saved(db.session(), search_id, current_actor())
    if button_was_pressed():
        service.delete_search(db.session(), current_actor(), search)
        flash("Deleted: this search tells you of nothing any more.", "success")
    return redirect(url_for(".ours"))


@blueprint.route("/end/<token>", methods=["GET", "POST"])
@access(PUBLIC)
def unsubscribe(token: str) -> ResponseReturnValue:
    """End the alerts of one saved search with one click, signed in or not (RFC 8058)."""
    search = search_of_token(db.session(), token)
    if search is None:
        raise NotFound
    label = f"Alerts of your saved search “{search.name}”"
    if request.method == "POST":
        service.end_alerts(db.session(), search.id)
    return render_template(
        "notifications/unsubscribe.html", label=label, ended=request.method == "POST"
    )
