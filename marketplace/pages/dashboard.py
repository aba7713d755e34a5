"""Each person's own start page: what waits for them, and the credits of their school."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import SIGNED_IN, access, current_actor
from marketplace.accounts.roles import Permission
from marketplace.credits.accounts import find_account
from marketplace.database import db
from marketplace.exchanges.presenters import STATE_TAGS
from marketplace.exchanges.queries import Show, list_exchanges
from marketplace.listings.models import Listing
from marketplace.listings.queries import visible_to
from marketplace.pages.first_week import first_week
from marketplace.search.presenters import card_of
from marketplace.search.queries import latest
from marketplace.web.navigation import navigation

WAITING_SHOWN = 5
LISTINGS_SHOWN = 6


@access(SIGNED_IN)
def dashboard() -> ResponseReturnValue:
    """Show what waits for the person where they act."""
    actor = current_actor()
    if not actor.roles:
        return render_template("pages/dashboard_no_role.html")
    if actor.urn is None:
        may_manage = actor.may(Permission.MANAGE_NETWORK)
        return render_template("pages/dashboard_network.html", may_run=may_manage)
    session = db.session()
    account = None
    if actor.may(Permission.VIEW_STATEMENT):
        account = find_account(session, actor.urn)
    waiting = list_exchanges(session, actor, Show.WAITING, limit=WAITING_SHOWN)
    others = latest(session, LISTINGS_SHOWN, visible_to(actor), Listing.school_urn != actor.urn)
    unanswered = navigation().waiting_counts(session, actor).get("conversations.inbox", 0)
    return render_template(
        "pages/dashboard.html",
        account=account,
        first_week=first_week(session, actor),
        waiting=waiting.rows,
        more_waiting=waiting.next is not None,
        unanswered=unanswered,
        tags=STATE_TAGS,
        cards=[card_of(result) for result in others],
        may_post=actor.may(Permission.POST_LISTINGS),
        search_url=url_for("search.find"),
    )
