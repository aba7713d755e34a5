"""A school's own listings: post, change, withdraw, reopen."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.audiences.audience import Audience
from marketplace.audiences.choosing import OwnCircles, own_circles, preview
from marketplace.audiences.forms import audience_data
from marketplace.database import db
from marketplace.listings import queries, service
from marketplace.listings.forms import ListingForm, values_of
from marketplace.listings.models import Kind, ListingStatus, Mode
from marketplace.listings.presenters import own_card
from marketplace.settings import current_policy
from marketplace.web.forms import button_was_pressed

blueprint = Blueprint("listings", __name__, url_prefix="/listings")

LONGEST_TITLE = 100

POST = needs(Permission.POST_LISTINGS, school=True)


@blueprint.get("")
@access(needs(Permission.VIEW_LISTINGS, school=True))
def ours() -> ResponseReturnValue:
    """Show the school's own offers and requests, either the open or the withdrawn ones."""
    withdrawn = request.args.get("show") == "withdrawn"
    status = ListingStatus.WITHDRAWN if withdrawn else ListingStatus.OPEN
    page = queries.list_own(
        db.session(), current_actor(), status, after=request.args.get("after", "")
    )
    show = status if withdrawn else None
    return render_template(
        "listings/ours.html",
        cards=[
            own_card(listing, url_for("pages.listing", listing_id=listing.id))
            for listing in page.rows
        ],
        next_url=url_for(".ours", show=show, after=page.next) if page.next else None,
        withdrawn=withdrawn,
        may_post=current_actor().may(Permission.POST_LISTINGS),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@access(POST)
def new() -> ResponseReturnValue:
    """Post an offer or a request."""
    kind = request.args.get("kind")
    own = own_circles(db.session(), current_actor())
    form = ListingForm(
        current_policy(),
        own,
        kind=kind if kind in list(Kind) else Kind.OFFER.value,
        title=request.args.get("title", "")[:LONGEST_TITLE],
        mode=Mode.ON_SITE.value,
        **audience_data(Audience()),
    )
    if form.validate_on_submit():
        listing = service.post_listing(
            db.session(), current_actor(), form.draft(), idempotency_key=form.key
        )
        flash(f"Your {listing.kind} is up: others can find it now.", "success")
        return redirect(url_for("pages.listing", listing_id=listing.id))
    return _edit(form, own, None)


@blueprint.route("/<int:listing_id>/change", methods=["GET", "POST"])
@access(POST)
def change(listing_id: int) -> ResponseReturnValue:
    """Change the content of a listing."""
    listing = queries.get_own_listing(db.session(), listing_id, current_actor())
    own = own_circles(db.session(), current_actor())
    form = ListingForm(current_policy(), own, data=values_of(listing))
    if form.validate_on_submit():
        service.change_listing(
            db.session(), current_actor(), listing, form.draft(), version=form.seen_version
        )
        flash("Changed.", "success")
        return redirect(url_for("pages.listing", listing_id=listing_id))
    return _edit(form, own, listing_id)


def _edit(form: ListingForm, own: OwnCircles, listing_id: int | None) -> ResponseReturnValue:
    """The form, with who would see the listing as it is filled now."""
    page = render_template(
        "listings/edit.html",
        form=form,
        listing=listing_id,
        preview=preview(db.session(), form.chosen_audience(), own),
    )
    return page, form.status


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
        flash("It is up again: others can find it.", "success")
    return redirect(url_for("pages.listing", listing_id=listing_id))
