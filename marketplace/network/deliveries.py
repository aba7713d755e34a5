"""The operator's view of e-mails: what was not delivered, and the addresses that fail."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, needs
from marketplace.accounts.roles import Permission
from marketplace.database import db
from marketplace.mail.models import UNDELIVERED, EmailState
from marketplace.mail.presenters import STATE_TAGS
from marketplace.mail.queries import deliveries as list_deliveries
from marketplace.mail.queries import failing_addresses
from marketplace.network.views import blueprint
from marketplace.settings import current_settings

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
        rows, cursor = list[object](emails.rows), emails.next

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
        tags=STATE_TAGS,
        sends=current_settings().mail.server is not None,
        in_mailbox=current_settings().mail.mailbox,
        next_url=url(show, cursor) if cursor else None,
    )
