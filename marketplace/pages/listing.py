"""A listing's page: its content, the school behind it, and the next steps."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.audiences.words import label
from marketplace.conversations.queries import thread_about
from marketplace.database import db
from marketplace.listings.forms import MODE_LABELS
from marketplace.listings.models import Kind, ListingStatus, Mode
from marketplace.listings.presenters import topic_names
from marketplace.listings.queries import get_listing
from marketplace.listings.topics import PHASES
from marketplace.pages.school_facts import distance_to, phase_label
from marketplace.schools.standing import school_mark
from marketplace.search.presenters import address, search_of


@access(needs(Permission.VIEW_LISTINGS))
def listing(listing_id: int) -> ResponseReturnValue:
    """Show one offer or request."""
    actor = current_actor()
    listing = get_listing(db.session(), listing_id, actor)
    own = listing.school_urn == actor.urn
    other_school_acts = actor.urn is not None and not own
    thread = thread_about(db.session(), actor, listing) if other_school_acts else None
    return render_template(
        "pages/listing.html",
        listing=listing,
        school=listing.school,
        school_mark=school_mark(listing.school),
        phase_label=phase_label(listing.school),
        topics=topic_names([topic.topic for topic in listing.topics]),
        phases=[PHASES[phase.phase] for phase in listing.phases if phase.phase in PHASES],
        mode_label=MODE_LABELS[Mode(listing.mode)],
        audience_label=label(
            listing.seen_by, listing.audience_group.name if listing.audience_group else ""
        ),
        distance=distance_to(listing.school, actor),
        open=listing.status == ListingStatus.OPEN,
        own=own,
        back=way_back(own),
        thread=thread,
        is_offer=listing.kind == Kind.OFFER,
        may_ask=other_school_acts and actor.may(Permission.ASK),
        may_propose=other_school_acts and actor.may(Permission.AGREE_EXCHANGES),
        may_change=own and actor.may(Permission.POST_LISTINGS),
    )


def way_back(own: bool) -> tuple[str, str]:
    """Return the address and the label of the way back: to the search that led here, if one did."""
    search = search_of(request.args.get("search", ""))
    if search:
        return address(search), "Back to the search"
    return (url_for("listings.ours"), "Our listings") if own else (address({}), "Find help")
