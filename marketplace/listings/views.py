"""A school's own listings: post, change, withdraw."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import selectinload

from marketplace.database import db
from marketplace.listings.forms import ListingForm, values_of
from marketplace.listings.models import Audience, Kind, Listing, ListingStatus, Mode
from marketplace.listings.service import (
    change_listing,
    get_own_listing,
    post_listing,
    reopen_listing,
    withdraw_listing,
)
from marketplace.listings.shown import own_card
from marketplace.people.access import access, acting, needs
from marketplace.people.roles import Permission
from marketplace.settings import current_policy
from marketplace.web.forms import pressed
from marketplace.web.paging import read_row_cursor
from marketplace.web.problems import Problem, Stale

listings = Blueprint("listings", __name__, url_prefix="/listings")

PAGE = 30


@listings.get("")
@access(needs(Permission.LOOK, school=True))
def ours() -> ResponseReturnValue:
    """The school's own offers and requests, open ones first."""
    after = read_row_cursor(request.args.get("after", ""))
    status = ListingStatus.WITHDRAWN if request.args.get("show") == "withdrawn" else None
    query = (
        sa.select(Listing)
        .where(
            Listing.school_urn == acting().school(),
            Listing.status == (status or ListingStatus.OPEN),
        )
        .options(selectinload(Listing.topics), selectinload(Listing.phases))
        .order_by(Listing.id.desc())
        .limit(PAGE + 1)
    )
    if after:
        query = query.where(Listing.id < after)
    rows = db.session.scalars(query).all()
    return render_template(
        "listings/ours.html",
        cards=[own_card(row, url_for("discovery.listing", listing_id=row.id)) for row in rows][
            :PAGE
        ],
        next_url=url_for("listings.ours", show=status, after=rows[PAGE - 1].id)
        if len(rows) > PAGE
        else None,
        withdrawn=status is not None,
        may_post=acting().may(Permission.POST_LISTING),
    )


@listings.route("/new", methods=["GET", "POST"])
@access(needs(Permission.POST_LISTING, school=True))
def new() -> ResponseReturnValue:
    """Post an offer or a request."""
    kind = request.args.get("kind")
    form = ListingForm(
        current_policy(),
        kind=kind if kind in list(Kind) else Kind.OFFER.value,
        mode=Mode.ON_SITE.value,
        audience=Audience.NATIONAL.value,
    )
    if form.validate_on_submit():
        try:
            listing = post_listing(db.session(), acting(), form.draft(), once=form.once.data or "")
        except Problem as problem:
            db.session.rollback()
            form.refuse(problem)
        else:
            flash(f"Your {listing.kind} is up: others can find it now.", "success")
            return redirect(url_for("discovery.listing", listing_id=listing.id))
    return render_template("listings/edit.html", form=form, listing=None), form.status


@listings.route("/<int:listing_id>/change", methods=["GET", "POST"])
@access(needs(Permission.POST_LISTING, school=True))
def change(listing_id: int) -> ResponseReturnValue:
    """Change what a listing says."""
    listing = get_own_listing(db.session(), listing_id, acting())
    form = ListingForm(current_policy(), data=values_of(listing))
    if form.validate_on_submit():
        try:
            change_listing(db.session(), acting(), listing, form.draft(), version=form.seen_version)
        except Problem as problem:
            db.session.rollback()
            form.refuse(problem)
            if isinstance(problem, Stale):
                # Whoever sends it again has been told whose words they replace.
                found = get_own_listing(db.session(), listing_id, acting())
                form.version.data = str(found.version)
        else:
            flash("Changed.", "success")
            return redirect(url_for("discovery.listing", listing_id=listing_id))
    return render_template("listings/edit.html", form=form, listing=listing_id), form.status


@listings.post("/<int:listing_id>/withdraw")
@access(needs(Permission.POST_LISTING, school=True))
def withdraw(listing_id: int) -> ResponseReturnValue:
    """Take a listing down."""
    listing = get_own_listing(db.session(), listing_id, acting())
    if pressed():
        withdraw_listing(db.session(), acting(), listing)
        flash("Withdrawn: it is no longer found. What has been agreed stays agreed.", "success")
    return redirect(url_for("discovery.listing", listing_id=listing_id))


@listings.post("/<int:listing_id>/reopen")
@access(needs(Permission.POST_LISTING, school=True))
def reopen(listing_id: int) -> ResponseReturnValue:
    """Put a withdrawn listing up again."""
    listing = get_own_listing(db.session(), listing_id, acting())
    if pressed() and listing.status == ListingStatus.WITHDRAWN:
        reopen_listing(db.session(), acting(), listing)
        flash("It is up again: others can find it.", "success")
    return redirect(url_for("discovery.listing", listing_id=listing_id))
