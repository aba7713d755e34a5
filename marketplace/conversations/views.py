"""The inbox, and asking about a listing. A conversation's page is one of ``pages``."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.conversations import queries, service
from marketplace.conversations.forms import MessageForm
from marketplace.database import db
from marketplace.listings.queries import get_listing

blueprint = Blueprint("conversations", __name__)

ASK = needs(Permission.ASK, school=True)


@blueprint.get("/messages")
@access(needs(Permission.READ_MESSAGES, school=True))
def inbox() -> ResponseReturnValue:
    """Show the school's conversations, the latest first."""
    after = request.args.get("after", "")
    page = queries.list_inbox(db.session(), current_actor(), after=after)
    return render_template(
        "conversations/inbox.html",
        lines=page.rows,
        next_url=url_for(".inbox", after=page.next) if page.next else None,
        first_page=not after,
    )


@blueprint.route("/listings/<int:listing_id>/ask", methods=["GET", "POST"])
@access(ASK)
def ask(listing_id: int) -> ResponseReturnValue:
    """Ask the school behind a listing a question."""
    actor = current_actor()
    listing = get_listing(db.session(), listing_id, actor)
    if request.method == "GET" and listing.school_urn == actor.urn:
        # The page of one's own school's listing says how to ask a colleague.
        return redirect(url_for("pages.listing", listing_id=listing_id))
    thread = queries.thread_about(db.session(), actor, listing)
    if thread is not None and request.method == "GET":
        return redirect(_conversation(thread.id))
    form = MessageForm()
    if form.validate_on_submit():
        enquiry = service.ask(
            db.session(), actor, listing, form.body.data or "", idempotency_key=form.key
        )
        flash(f"Your question has been sent to {listing.school.name}.", "success")
        return redirect(_conversation(enquiry.id))
    return render_template("conversations/ask.html", form=form, listing=listing), form.status


def _conversation(enquiry_id: int) -> str:
    """The address of a conversation, with the search that the listing was opened from."""
    return url_for(
        "pages.conversation", enquiry_id=enquiry_id, search=request.args.get("search") or None
    )
