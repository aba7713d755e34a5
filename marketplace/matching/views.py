"""Who fits a listing of one’s own, and asking several of them at once."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.database import db
from marketplace.listings.queries import get_own_listing
from marketplace.matching.fitting import EVERYWHERE, FARTHER, MILES, count_farther, find_fits
from marketplace.matching.forms import AskForm
from marketplace.matching.presenters import distance_phrase, fit_row
from marketplace.matching.service import MOST_ASKED, ask_several, why_not_ask

blueprint = Blueprint("matching", __name__)


@blueprint.route("/listings/<int:listing_id>/who-fits", methods=["GET", "POST"])
@access(needs(Permission.ASK, school=True))
def who_fits(listing_id: int) -> ResponseReturnValue:
    """Show what other schools have that fits a listing of ours, and ask up to ten of them."""
    actor = current_actor()
    listing = get_own_listing(db.session(), listing_id, actor)
    within = request.args.get("within", type=int)
    if within not in (*FARTHER, EVERYWHERE):
        within = MILES
    fits = find_fits(db.session(), actor, listing, within)
    rows = [fit_row(fit) for fit in fits or ()]
    unasked = [row.listing_id for row in rows if row.enquiry_url is None]
    form = AskForm(unasked, listings=[str(number) for number in unasked[:MOST_ASKED]])
    if form.validate_on_submit():
        enquiries = ask_several(
            db.session(),
            actor,
            listing,
            form.chosen(),
            form.body.data or "",
            idempotency_key=form.key,
        )
        asked = "1 school" if len(enquiries) == 1 else f"{len(enquiries)} schools"
        flash(f"You have asked {asked}. Their answers come into your messages.", "success")
        return redirect(url_for("conversations.inbox"))
    page = render_template(
        "matching/who_fits.html",
        listing=listing,
        is_offer=listing.kind == "offer",
        form=form,
        rows=rows,
        farther=[
            (distance_phrase(count, miles, listing.kind), miles)
            for miles, count in count_farther(db.session(), actor, listing)
        ]
        if fits == [] and within == MILES
        else [],
        within=within,
        usual=MILES,
        is_rebuilding=fits is None,
        why_not=why_not_ask(listing),
        most_asked=MOST_ASKED,
        may_change=actor.may(Permission.POST_LISTINGS),
    )
    return page, form.status
