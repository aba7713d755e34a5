"""The pages of confidential requests: what we are asked, and who would help us."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.confidential import queries, service
from marketplace.confidential.forms import IntroductionForm
from marketplace.confidential.models import AskState
from marketplace.confidential.presenters import helper_row, need_card, progress_of
from marketplace.database import db
from marketplace.errors import NotFound
from marketplace.web.forms import button_was_pressed

blueprint = Blueprint("confidential", __name__, url_prefix="/confidential")

DECIDE = needs(Permission.POST_LISTINGS, school=True)


@blueprint.get("")
@access(DECIDE)
def ours() -> ResponseReturnValue:
    """Show what the school is asked in confidence, and its own confidential requests."""
    session, actor = db.session(), current_actor()
    return render_template(
        "confidential/ours.html",
        needs=[need_card(need) for need in queries.list_needs(session, actor)],
        requests=[
            (own, progress_of(own.states), own.states[AskState.WILLING])
            for own in queries.list_own_requests(session, actor)
        ],
    )


@blueprint.get("/asks/<int:ask_id>")
@access(DECIDE)
def ask(ask_id: int) -> ResponseReturnValue:
    """Show what a school needs that is not named."""
    need = queries.get_need(db.session(), ask_id, current_actor())
    return render_template(
        "confidential/ask.html", need=need, card=need_card(need), states=AskState
    )


@blueprint.post("/asks/<int:ask_id>/promise")
@access(DECIDE)
def promise(ask_id: int) -> ResponseReturnValue:
    """Say that the school would help."""
    queries.get_need(db.session(), ask_id, current_actor())
    if button_was_pressed():
        service.promise_help(db.session(), current_actor(), ask_id)
        flash("Thank you. If they agree as well, you both learn the names.", "success")
    return redirect(url_for(".ask", ask_id=ask_id))


@blueprint.post("/asks/<int:ask_id>/decline")
@access(DECIDE)
def decline(ask_id: int) -> ResponseReturnValue:
    """Say that the school would not help."""
    queries.get_need(db.session(), ask_id, current_actor())
    if button_was_pressed():
        service.decline_help(db.session(), current_actor(), ask_id)
        flash("That is all right. Nobody is told that it was you.", "success")
    return redirect(url_for(".ours"))


@blueprint.get("/requests/<int:listing_id>")
@access(DECIDE)
def request(listing_id: int) -> ResponseReturnValue:
    """Show who would help with a confidential request of the school, without names."""
    session, actor = db.session(), current_actor()
    listing, asks = queries.get_own_request(session, listing_id, actor)
    return render_template(
        "confidential/request.html",
        listing=listing,
        progress=progress_of(Counter(AskState(one.state) for one in asks)),
        helpers=[
            helper_row(one, listing.audience_miles or 0)
            for one in asks
            if one.state == AskState.WILLING
        ],
        introduced=[one for one in asks if one.state == AskState.INTRODUCED],
    )


@blueprint.route("/asks/<int:ask_id>/introduce", methods=["GET", "POST"])
@access(DECIDE)
def introduce(ask_id: int) -> ResponseReturnValue:
    """Agree to the help of a school: write to it, with the names on both sides."""
    session, actor = db.session(), current_actor()
    one = queries.find_ask_about_ours(session, ask_id, actor)
    if one.enquiry_id is not None:
        return redirect(url_for("pages.conversation", enquiry_id=one.enquiry_id))
    if one.state != AskState.WILLING:
        raise NotFound
    form = IntroductionForm()
    if form.validate_on_submit():
        enquiry = service.introduce(
            session, actor, ask_id, form.body.data or "", idempotency_key=form.key
        )
        flash("You have been introduced.", "success")
        return redirect(url_for("pages.conversation", enquiry_id=enquiry.id))
    page = render_template(
        "confidential/introduce.html", form=form, listing_id=one.listing_id, ask_id=ask_id
    )
    return page, form.status


@blueprint.post("/asks/<int:ask_id>/pass-over")
@access(DECIDE)
def pass_over(ask_id: int) -> ResponseReturnValue:
    """Turn down the help of a school."""
    session, actor = db.session(), current_actor()
    one = queries.find_ask_about_ours(session, ask_id, actor)
    if button_was_pressed():
        service.pass_over(session, actor, ask_id)
        flash("They are not told your name, and you are not told theirs.", "success")
    return redirect(url_for(".request", listing_id=one.listing_id))
