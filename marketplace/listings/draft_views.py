"""Beginning a listing: a template or a copy, drafts saved as typed, topics out of a title."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace import clock
from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.audiences.choosing import own_circles
from marketplace.database import db
from marketplace.listings import drafts, starting
from marketplace.listings.forms import ListingForm
from marketplace.listings.suggesting import suggest_topics
from marketplace.listings.templates import templates
from marketplace.listings.topics import current_topics
from marketplace.listings.views import edit_page, offer_choices
from marketplace.settings import current_policy
from marketplace.web.formats import clock_time
from marketplace.web.forms import Form, button_was_pressed

POST = needs(Permission.POST_LISTINGS, school=True)
NOT_TYPED = frozenset({"csrf_token", "idempotency_key", "acting", "version", "draft"})


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the blueprint of a school's own listings."""
    blueprint.add_url_rule("/start", view_func=start)
    blueprint.add_url_rule("/topics", view_func=topics)
    blueprint.add_url_rule("/drafts", view_func=save_draft, methods=["POST"])
    blueprint.add_url_rule(
        "/drafts/<int:draft_id>/delete", view_func=delete_draft, methods=["POST"]
    )


@access(POST)
def start() -> ResponseReturnValue:
    """Show what a new listing can begin with."""
    this_year, earlier = starting.copyable(db.session(), current_actor())
    return render_template(
        "listings/start.html",
        templates=list(templates().values()),
        this_year=this_year,
        earlier=earlier,
    )


@access(POST)
def topics() -> ResponseReturnValue:
    """Return the topics that a title is about, for the form while it is typed."""
    slugs = suggest_topics(request.args.get("title", ""))
    return jsonify(
        topics=[{"slug": slug, "name": current_topics().name_of(slug)} for slug in slugs]
    )


@access(POST)
def save_draft() -> ResponseReturnValue:
    """Save what is typed, whatever it is; a script asks for JSON and stays on its page."""
    form = ListingForm(current_policy(), own_circles(db.session(), current_actor()))
    offer_choices(form)
    asked = Form()
    if asked.validate_on_submit():
        typed = {
            name: values
            for name, values in request.form.lists()
            if name in form._fields and name not in NOT_TYPED
        }
        draft = drafts.save_draft(
            db.session(),
            current_actor(),
            typed,
            draft_id=form.draft_id,
            idempotency_key=form.key,
        )
        if _wants_json():
            return jsonify(draft=draft.id, saved=clock_time(clock.now()))
        flash("Saved as a draft. Your colleagues find it under “Our listings”.", "success")
        return redirect(url_for(".new", draft=draft.id))
    if _wants_json():
        return jsonify(message=" ".join(asked.form_errors)), asked.refusal_status
    form.form_errors = [*form.form_errors, *asked.form_errors]
    return edit_page(form, None), asked.refusal_status


@access(POST)
def delete_draft(draft_id: int) -> ResponseReturnValue:
    """Delete a draft."""
    if button_was_pressed():
        drafts.delete_draft(db.session(), current_actor(), draft_id)
        flash("The draft is deleted.", "success")
    return redirect(url_for(".ours", show="drafts"))


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"
