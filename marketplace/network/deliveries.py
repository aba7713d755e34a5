"""The operator's view of e-mails: what was not delivered, and the addresses that fail."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.database import db
from marketplace.mail.models import UNDELIVERED, EmailState
from marketplace.mail.presenters import delivery_row
from marketplace.mail.queries import deliveries as list_deliveries
from marketplace.mail.queries import failing_addresses
from marketplace.members.failing_addresses import note_failure, try_address_again
from marketplace.network.views import blueprint
from marketplace.settings import current_settings
from marketplace.web.forms import button_was_pressed

ENDPOINT = "network.deliveries"
SHOWS: dict[str, tuple[str, tuple[EmailState, ...]]] = {
    "failed": ("Not delivered", UNDELIVERED),
    "waiting": ("Waiting", (EmailState.WAITING,)),
    "sent": ("Sent", (EmailState.SENT,)),
    "all": ("All", ()),
}
"""The tabs that list e-mails: their labels, and the states that they show."""
ADDRESSES = "addresses"


@blueprint.get("/deliveries")
@access(needs(Permission.MANAGE_NETWORK))
def deliveries() -> ResponseReturnValue:
    """Show the e-mails that failed, those in another state, or the addresses that fail."""
    show = request.args.get("show", "")
    show = show if show in SHOWS or show == ADDRESSES else "failed"
    address, after = request.args.get("to", "").strip()[:254], request.args.get("after", "")
    if show == ADDRESSES:
        addresses = failing_addresses(db.session(), address=address, after=after)
        rows, cursor = list[object](addresses.rows), addresses.next
    else:
        states = SHOWS[show][1]
        emails = list_deliveries(db.session(), states=states, address=address, after=after)
        rows, cursor = list[object](emails.map(delivery_row).rows), emails.next

    def url(tab: str, cursor: str | None = None) -> str:
        return url_for(".deliveries", show=tab, to=address or None, after=cursor)

    labels = {name: label for name, (label, _) in SHOWS.items()}
    labels[ADDRESSES] = "Addresses that fail"
    return render_template(
        "network/deliveries.html",
        lines=rows,
        show=show,
        tabs=[(label, url(name), name == show) for name, label in labels.items()],
        typed=address,
        sends=current_settings().mail.server is not None,
        in_mailbox=current_settings().mail.mailbox,
        next_url=url(show, cursor) if cursor else None,
    )


@blueprint.post("/deliveries/<int:email_id>/seen")
@access(needs(Permission.MANAGE_NETWORK))
def failure_seen(email_id: int) -> ResponseReturnValue:
    """Note that the operator has seen that an e-mail did not arrive."""
    if button_was_pressed():
        note_failure(db.session(), current_actor(), email_id)
    return redirect(url_for(".deliveries"))


@blueprint.post("/deliveries/addresses/works")
@access(needs(Permission.MANAGE_NETWORK))
def address_works() -> ResponseReturnValue:
    """Let e-mails be sent again to an address that failed."""
    if button_was_pressed():
        address = request.form.get("address", "").strip()[:254]
        if try_address_again(db.session(), current_actor(), address):
            flash(f"The next e-mails to {address} are sent again.", "success")
        else:
            flash("The address works: nothing has changed.", "info")
    return redirect(url_for(".deliveries", show=ADDRESSES))
