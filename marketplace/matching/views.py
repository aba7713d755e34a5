"""Who fits a listing of one’s own, what was ticked in a search, and asking several at once."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.database import db
from marketplace.listings.queries import get_own_listing
from marketplace.matching.fitting import EVERYWHERE, FARTHER, MILES, count_farther, find_fits
from marketplace.matching.forms import AskForm
from marketplace.matching.presenters import chosen_row, distance_phrase, fit_row, names_in_words
from marketplace.matching.queries import read_chosen
from marketplace.matching.service import MOST_ASKED, ask_about_offers, ask_several, why_not_ask
from marketplace.search.queries import PAGE
from marketplace.search.way_back import kept_search

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


@blueprint.route("/ask", methods=["GET", "POST"])
@access(needs(Permission.ASK, school=True))
def ask() -> ResponseReturnValue:
    """Ask the schools behind the offers that were ticked in a search, with one message."""
    actor = current_actor()
    numbers = _ticked()
    chosen = read_chosen(db.session(), actor, numbers)
    search = kept_search()
    rows = [chosen_row(one, actor.school(), search) for one in chosen]
    to_ask = [row for row in rows if not row.why_not]
    # Who presses again has asked them by now, and what was asked is asked once.
    form = AskForm(
        [row.listing_id for row in rows],
        listings=[str(row.listing_id) for row in to_ask[:MOST_ASKED]],
    )
    if form.validate_on_submit():
        asked = form.chosen()
        ask_about_offers(db.session(), actor, asked, form.body.data or "", idempotency_key=form.key)
        names = names_in_words([row.school_name for row in rows if row.listing_id in asked])
        flash(f"You have asked {names}. Their answers come into your messages.", "success")
        return redirect(url_for("conversations.inbox", search=search))
    page = render_template(
        "matching/ask.html",
        form=form,
        to_ask=to_ask,
        left_out=[row for row in rows if row.why_not],
        gone=len(numbers) - len(rows),
        most_asked=MOST_ASKED,
    )
    return page, form.status


def _ticked() -> list[int]:
    """The numbers of the listings in the address: a page of a search has no more of them."""
    typed = dict.fromkeys(request.args.getlist("listing"))
    return [int(one) for one in typed if one.isascii() and one.isdecimal() and len(one) < 10][:PAGE]
