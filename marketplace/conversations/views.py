"""Asking about a listing: the question, the inbox. A thread's page is with the exchanges."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.conversations.forms import MessageForm
from marketplace.conversations.service import ask, inbox, thread_about
from marketplace.database import db
from marketplace.listings.service import get_listing
from marketplace.people.access import access, acting, needs
from marketplace.people.roles import Permission
from marketplace.web.problems import Problem

conversations = Blueprint("conversations", __name__)


@conversations.get("/messages")
@access(needs(Permission.ASK, school=True))
def messages() -> ResponseReturnValue:
    """The school's conversations, the latest first."""
    lines, cursor = inbox(db.session(), acting(), after=request.args.get("after", ""))
    return render_template(
        "conversations/inbox.html",
        lines=lines,
        next_url=url_for("conversations.messages", after=cursor) if cursor else None,
        first_page=not request.args.get("after"),
    )


@conversations.route("/listings/<int:listing_id>/ask", methods=["GET", "POST"])
@access(needs(Permission.ASK, school=True))
def ask_about(listing_id: int) -> ResponseReturnValue:
    """Ask the school behind a listing a question."""
    who = acting()
    listing = get_listing(db.session(), listing_id, who)
    thread = thread_about(db.session(), who, listing)
    if thread is not None and request.method == "GET":
        return redirect(url_for("exchanges.thread", enquiry_id=thread.id))
    form = MessageForm()
    if form.validate_on_submit():
        try:
            enquiry = ask(
                db.session(), who, listing, form.body.data or "", once=form.once.data or ""
            )
        except Problem as problem:
            db.session.rollback()
            form.refuse(problem)
            listing = get_listing(db.session(), listing_id, who)
        else:
            flash(f"Your question is with {listing.school.name}.", "success")
            return redirect(url_for("exchanges.thread", enquiry_id=enquiry.id))
    return render_template("conversations/ask.html", form=form, listing=listing), form.status
