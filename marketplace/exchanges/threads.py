"""A conversation's page, with the exchanges that came of it, and proposing one."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from marketplace.conversations.forms import MessageForm
from marketplace.conversations.service import get_enquiry, messages, thread_about, write
from marketplace.database import db
from marketplace.exchanges.forms import ProposalForm
from marketplace.exchanges.proposals import propose, propose_in_thread
from marketplace.exchanges.queries import exchanges_in
from marketplace.exchanges.shown import STATE_TAGS
from marketplace.exchanges.views import ACT, exchanges
from marketplace.listings.models import Kind
from marketplace.listings.service import get_listing
from marketplace.people.access import access, acting, needs
from marketplace.people.roles import Permission
from marketplace.settings import current_policy
from marketplace.web.problems import Problem


@exchanges.route("/messages/<int:enquiry_id>", methods=["GET", "POST"])
@access(needs(Permission.ASK, school=True))
def thread(enquiry_id: int) -> ResponseReturnValue:
    """One conversation: read it, write, propose."""
    who = acting()
    enquiry = get_enquiry(db.session(), enquiry_id, who)
    form = MessageForm()
    if form.validate_on_submit():
        try:
            write(db.session(), who, enquiry, form.body.data or "", once=form.once.data or "")
        except Problem as problem:
            db.session.rollback()
            form.refuse(problem)
            enquiry = get_enquiry(db.session(), enquiry_id, who)
        else:
            return redirect(url_for("exchanges.thread", enquiry_id=enquiry_id, _anchor="latest"))
    page = render_template(
        "conversations/thread.html",
        enquiry=enquiry,
        listing=enquiry.listing,
        other=enquiry.other(who.school()),
        our_urn=who.urn,
        messages=messages(db.session(), enquiry),
        exchanges=exchanges_in(db.session(), enquiry),
        tags=STATE_TAGS,
        form=form,
        may_propose=who.may(Permission.AGREE_EXCHANGE),
    )
    return page, form.status


@exchanges.route("/messages/<int:enquiry_id>/propose", methods=["GET", "POST"])
@access(ACT)
def propose_here(enquiry_id: int) -> ResponseReturnValue:
    """Propose an exchange to the other school of a conversation."""
    who = acting()
    enquiry = get_enquiry(db.session(), enquiry_id, who)
    form = ProposalForm(current_policy(), minutes=enquiry.listing.minutes)
    if form.validate_on_submit():
        try:
            made = propose_in_thread(
                db.session(),
                who,
                enquiry,
                form.terms(),
                current_policy(),
                once=form.once.data or "",
            )
        except Problem as problem:
            db.session.rollback()
            form.refuse(problem)
            enquiry = get_enquiry(db.session(), enquiry_id, who)
        else:
            return _proposed(made.id)
    page = render_template(
        "exchanges/propose.html",
        form=form,
        title=enquiry.listing.title,
        other=enquiry.other(who.school()),
        gives=_gives(enquiry.listing.kind, enquiry.owner_urn == who.urn),
        back_url=url_for("exchanges.thread", enquiry_id=enquiry_id),
    )
    return page, form.status


@exchanges.route("/listings/<int:listing_id>/propose", methods=["GET", "POST"])
@access(ACT)
def propose_about(listing_id: int) -> ResponseReturnValue:
    """Propose an exchange to the school behind a listing."""
    who = acting()
    listing = get_listing(db.session(), listing_id, who)
    form = ProposalForm(current_policy(), minutes=listing.minutes)
    existing = thread_about(db.session(), who, listing)
    if form.validate_on_submit():
        try:
            made = propose(
                db.session(),
                who,
                listing,
                form.terms(),
                current_policy(),
                once=form.once.data or "",
            )
        except Problem as problem:
            db.session.rollback()
            form.refuse(problem)
            listing = get_listing(db.session(), listing_id, who)
        else:
            return _proposed(made.id)
    page = render_template(
        "exchanges/propose.html",
        form=form,
        title=listing.title,
        other=listing.school,
        gives=_gives(listing.kind, False),
        back_url=url_for("exchanges.thread", enquiry_id=existing.id)
        if existing is not None
        else url_for("discovery.listing", listing_id=listing_id),
    )
    return page, form.status


def _gives(kind: str, owner: bool) -> bool:
    """Whether the school that looks provides the help."""
    return owner if kind == Kind.OFFER else not owner


def _proposed(exchange_id: int) -> ResponseReturnValue:
    flash("Proposed. The other school has been asked to agree.", "success")
    return redirect(url_for("exchanges.exchange", exchange_id=exchange_id))
