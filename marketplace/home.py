"""Each person's own start page: what waits for them, and where their school stands."""

from __future__ import annotations

from flask import g, render_template, url_for
from flask.typing import ResponseReturnValue

from ledger import Book, UnknownAccount
from marketplace.database import db
from marketplace.discovery.search import latest
from marketplace.discovery.views import card_of
from marketplace.exchanges.queries import Show, list_exchanges
from marketplace.exchanges.shown import STATE_TAGS
from marketplace.listings.models import Listing
from marketplace.listings.service import visible_to
from marketplace.people.access import SIGNED_IN, access, acting
from marketplace.people.roles import Permission
from marketplace.schools.models import account_code


@access(SIGNED_IN)
def home() -> ResponseReturnValue:
    """What waits for the person where they act."""
    who = acting()
    if not who.roles:
        return render_template("home_nobody.html")
    if who.urn is None:
        return render_template("home_network.html", may_run=who.may(Permission.RUN_NETWORK))
    session = db.session()
    account = None
    if who.may(Permission.READ_SCHOOL_MONEY):
        try:
            account = Book(session).account(account_code(who.urn))
        except UnknownAccount:
            account = None
    waiting, more_waiting = list_exchanges(session, who, Show.WAITING, limit=5)
    others = latest(session, 6, visible_to(who), Listing.school_urn != who.urn)
    return render_template(
        "home.html",
        account=account,
        waiting=waiting,
        more_waiting=more_waiting is not None,
        unanswered=g.get("badges", {}).get("conversations", 0),
        tags=STATE_TAGS,
        cards=[card_of(found) for found in others],
        may_post=who.may(Permission.POST_LISTING),
        search_url=url_for("discovery.find"),
    )
