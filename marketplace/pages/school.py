"""A school's page: its facts in the register, its offers and its requests."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.audiences.queries import visible_to
from marketplace.database import db
from marketplace.help.queries import listed_people
from marketplace.listings.models import Listing
from marketplace.pages.school_facts import distance_to, phase_label, size_label
from marketplace.schools.queries import get_school
from marketplace.schools.standing import school_mark
from marketplace.search.presenters import card_of
from marketplace.search.queries import latest

LISTINGS_SHOWN = 50


@access(needs(Permission.VIEW_LISTINGS))
def school(urn: int) -> ResponseReturnValue:
    """Show one school of the register."""
    school = get_school(db.session(), urn)
    actor = current_actor()
    listings = latest(
        db.session(), LISTINGS_SHOWN, Listing.school_urn == urn, visible_to(actor, Listing)
    )
    return render_template(
        "pages/school.html",
        school=school,
        mark=school_mark(school),
        phase_label=phase_label(school),
        size_label=size_label(school),
        distance=distance_to(school, actor),
        people=listed_people(db.session(), urn),
        may_support=actor.may(Permission.MANAGE_NETWORK) and school.joined_at is not None,
        cards=[card_of(result) for result in listings],
    )
