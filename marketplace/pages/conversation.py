"""A conversation's page, with the exchanges that came of it."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.audiences.audience import Reach
from marketplace.conversations import queries, service
from marketplace.conversations.forms import MessageForm
from marketplace.database import db
from marketplace.exchanges.queries import exchanges_in
from marketplace.exchanges.state_words import state_tag
from marketplace.schools.standing import school_mark
from marketplace.search.way_back import kept_search


@access(needs(Permission.READ_MESSAGES, school=True))
def conversation(enquiry_id: int) -> ResponseReturnValue:
    """Show one conversation, with a form to write and the exchanges that came of it."""
    actor = current_actor()
    enquiry = queries.get_enquiry(db.session(), enquiry_id, actor)
    form = MessageForm()
    if form.validate_on_submit():
        service.write(db.session(), actor, enquiry, form.body.data or "", idempotency_key=form.key)
        return redirect(
            url_for(".conversation", enquiry_id=enquiry_id, search=kept_search(), _anchor="latest")
        )
    before = request.args.get("before", "")
    newest_url = url_for(".conversation", enquiry_id=enquiry_id, search=kept_search())
    messages = queries.messages(db.session(), enquiry, before=before)
    earlier_url = None
    if messages.next:
        earlier_url = url_for(
            ".conversation", enquiry_id=enquiry_id, before=messages.next, search=kept_search()
        )
    schools = queries.schools_in(db.session(), messages.rows, enquiry)
    ours = {urn for urn, school in schools.items() if actor.urn in (urn, school.continued_by_urn)}
    page = render_template(
        "pages/conversation.html",
        enquiry=enquiry,
        listing=enquiry.listing,
        # A confidential request has a page for its own school alone.
        listing_is_shown=enquiry.owner_urn == actor.urn
        or enquiry.listing.audience != Reach.CONFIDENTIAL,
        other=enquiry.other(actor.school()),
        other_mark=school_mark(enquiry.other(actor.school())),
        our_urns=ours,
        schools=schools,
        messages=messages.rows,
        earlier_url=earlier_url,
        newest_url=newest_url if before else None,
        may_write=actor.may(Permission.ASK),
        exchanges=exchanges_in(db.session(), enquiry),
        state_tag=state_tag,
        form=form,
        may_propose=actor.may(Permission.AGREE_EXCHANGES),
    )
    return page, form.status
