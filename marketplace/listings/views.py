"""A school's own listings: post, change, withdraw, reopen."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.audiences.audience import Audience
from marketplace.audiences.choosing import own_circles, preview
from marketplace.audiences.forms import audience_data
from marketplace.calendar.queries import school_calendar
from marketplace.clock import today
from marketplace.database import db
from marketplace.listings import drafts, lasting, queries, service, starting
from marketplace.listings.detail_fields import MetForm
from marketplace.listings.details import (
    NOTHING_SHOWN,
    details_of,
    people_to_choose,
    read_details,
)
from marketplace.listings.forms import ListingForm, form_as_typed, number_in, values_of
from marketplace.listings.models import Kind, ListingStatus, Mode
from marketplace.listings.presenters import own_row, posted_words
from marketplace.listings.tariff.presenters import tariff_table
from marketplace.listings.topics import PHASES, current_topics
from marketplace.settings import current_policy
from marketplace.web.forms import button_was_pressed

blueprint = Blueprint("listings", __name__, url_prefix="/listings")

HALF_TERMS_AHEAD = 5
"""How many half-terms can be chosen: a school year, with the present one."""
LONGEST_TITLE = 100
POST = needs(Permission.POST_LISTINGS, school=True)


@blueprint.get("")
@access(needs(Permission.VIEW_LISTINGS, school=True))
def ours() -> ResponseReturnValue:
    """Show the school's own offers and requests, either the open or the withdrawn ones."""
    if request.args.get("show") == "drafts":
        return _drafts()
    withdrawn = request.args.get("show") == "withdrawn"
    status = ListingStatus.WITHDRAWN if withdrawn else ListingStatus.OPEN
    page = queries.list_own(
        db.session(), current_actor(), status, after=request.args.get("after", "")
    )
    show = status if withdrawn else None
    details = read_details(db.session(), [listing.id for listing in page.rows])
    return render_template(
        "listings/ours.html",
        rows=[
            own_row(
                listing,
                details.get(listing.id, NOTHING_SHOWN),
                url_for("pages.listing", listing_id=listing.id),
            )
            for listing in page.rows
        ],
        next_url=url_for(".ours", show=show, after=page.next) if page.next else None,
        show="withdrawn" if withdrawn else "open",
        may_post=current_actor().may(Permission.POST_LISTINGS),
    )


def _drafts() -> ResponseReturnValue:
    page = drafts.list_drafts(db.session(), current_actor(), after=request.args.get("after", ""))
    return render_template(
        "listings/ours.html",
        rows=page.rows,
        next_url=url_for(".ours", show="drafts", after=page.next) if page.next else None,
        show="drafts",
        may_post=current_actor().may(Permission.POST_LISTINGS),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@access(POST)
def new() -> ResponseReturnValue:
    """Post an offer or a request."""
    form = _new_form()
    offer_choices(form)
    if "suggest" in request.form:
        form.suggest()
    elif form.validate_on_submit():
        listing = drafts.post_draft(
            db.session(),
            current_actor(),
            form.content(),
            draft_id=form.draft_id,
            idempotency_key=form.key,
        )
        flash(posted_words(listing), "success")
        return redirect(url_for("pages.listing", listing_id=listing.id))
    return edit_page(form, None), form.status


@blueprint.route("/<int:listing_id>/change", methods=["GET", "POST"])
@access(POST)
def change(listing_id: int) -> ResponseReturnValue:
    """Change the content of a listing."""
    listing = queries.get_own_listing(db.session(), listing_id, current_actor())
    details = details_of(db.session(), listing_id).details
    own = own_circles(db.session(), current_actor())
    form = ListingForm(current_policy(), own, data=values_of(listing, details))
    offer_choices(form)
    if "suggest" in request.form:
        form.suggest()
    elif form.validate_on_submit():
        service.change_listing(
            db.session(), current_actor(), listing, form.content(), version=form.seen_version
        )
        flash("Changed.", "success")
        return redirect(url_for("pages.listing", listing_id=listing_id))
    return edit_page(form, listing_id), form.status


@blueprint.post("/<int:listing_id>/withdraw")
@access(POST)
def withdraw(listing_id: int) -> ResponseReturnValue:
    """Withdraw a listing, so that searches no longer find it."""
    listing = queries.get_own_listing(db.session(), listing_id, current_actor())
    if button_was_pressed():
        service.withdraw_listing(db.session(), current_actor(), listing)
        flash(
            "Withdrawn: other schools no longer find it. What has been agreed stays agreed.",
            "success",
        )
    return redirect(url_for("pages.listing", listing_id=listing_id))


@blueprint.post("/<int:listing_id>/reopen")
@access(POST)
def reopen(listing_id: int) -> ResponseReturnValue:
    """Open a withdrawn listing again."""
    listing = queries.get_own_listing(db.session(), listing_id, current_actor())
    if button_was_pressed() and listing.status == ListingStatus.WITHDRAWN:
        service.reopen_listing(db.session(), current_actor(), listing)
        flash(posted_words(listing, again=True), "success")
    return redirect(url_for("pages.listing", listing_id=listing_id))


@blueprint.post("/<int:listing_id>/renew")
@access(POST)
def renew(listing_id: int) -> ResponseReturnValue:
    """Let a listing stay up for another half year."""
    listing = queries.get_own_listing(db.session(), listing_id, current_actor())
    if button_was_pressed():
        lasting.renew_listing(db.session(), current_actor(), listing)
        flash("Renewed: it stays up for another half year.", "success")
    return redirect(url_for("pages.listing", listing_id=listing_id))


@blueprint.route("/<int:listing_id>/met", methods=["GET", "POST"])
@access(POST)
def met(listing_id: int) -> ResponseReturnValue:
    """Say how far a request has been met, and by whom."""
    listing = queries.get_own_listing(db.session(), listing_id, current_actor())
    shown = details_of(db.session(), listing_id)
    form = MetForm(met=shown.met, met_by=shown.met_by)
    if form.validate_on_submit():
        lasting.mark_met(
            db.session(),
            current_actor(),
            listing,
            form.met.data,
            form.met_by.data or "",
        )
        flash("Noted.", "success")
        return redirect(url_for("pages.listing", listing_id=listing_id))
    return render_template("listings/met.html", form=form, listing=listing), form.status


def _new_form() -> ListingForm:
    """The form of a new listing: empty, or begun with a draft, a template or a copy."""
    session, actor, policy = db.session(), current_actor(), current_policy()
    own = own_circles(session, actor)
    number = number_in(request.args.get("draft", ""))
    if number is not None and request.method == "GET":
        return form_as_typed(policy, own, drafts.get_draft(session, actor, number).typed, number)
    kind = request.args.get("kind")
    begun: dict[str, Any] = {
        "kind": kind if kind in list(Kind) else Kind.OFFER.value,
        "topics": request.args.getlist("topic"),
        "phases": [phase for phase in request.args.getlist("phase") if phase in PHASES],
        "mode": Mode.ON_SITE.value,
        "title": request.args.get("title", "")[:LONGEST_TITLE],
    } | audience_data(Audience())
    if template := request.args.get("template"):
        begun |= starting.template_values(template)
    elif (listing_id := number_in(request.args.get("copy", ""))) is not None:
        begun |= starting.copied_values(session, actor, listing_id)
    begun["topics"] = [slug for slug in begun["topics"] if slug in current_topics().offered]
    return ListingForm(policy, own, data=begun)


def edit_page(form: ListingForm, listing_id: int | None) -> str:
    """Return the page of the form, with who would see the listing, and the tariff beside it."""
    return render_template(
        "listings/edit.html",
        form=form,
        listing=listing_id,
        preview=preview(db.session(), form.chosen_audience(), form.own),
        tariff=tariff_table(db.session()),
        school_name=current_actor().school_name,
    )


def offer_choices(form: ListingForm) -> None:
    """Let the form offer the half-terms ahead, and the colleagues who may be named."""
    session, actor = db.session(), current_actor()
    calendar = school_calendar(session, actor.school(), actor.local_authority_code)
    form.offer_choices(
        calendar.half_terms_from(today(), HALF_TERMS_AHEAD),
        people_to_choose(session, actor.school()),
    )
