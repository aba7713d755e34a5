"""A school's page: its own words, its experts, offers and requests, and what the register says."""

from __future__ import annotations

from functools import partial

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.audiences.queries import visible_to
from marketplace.database import db
from marketplace.exchanges.reviews.presenters import opinion, report_link
from marketplace.exchanges.within_trust.presenters import free_with
from marketplace.help.queries import listed_people
from marketplace.listings.models import Listing
from marketplace.pages.school_facts import distance_to, phase_label, size_label, what_schools_say
from marketplace.profiles.experts.presenters import expert_row
from marketplace.profiles.experts.queries import shared_at
from marketplace.profiles.photographs.presenters import photograph_row
from marketplace.profiles.photographs.queries import visible_photographs
from marketplace.profiles.school_page import part_row, visible_parts
from marketplace.profiles.track_record.presenters import record_facts, topic_bars
from marketplace.profiles.track_record.queries import record_of
from marketplace.schools.positions import position_of
from marketplace.schools.queries import get_school
from marketplace.schools.standing import school_mark
from marketplace.search.map import draw_school
from marketplace.search.presenters import card_of
from marketplace.search.rows import read_latest
from marketplace.term_clock.queries import standing_answer

LISTINGS_SHOWN, MOST_LISTINGS = 10, 200
"""How many of the newest are shown at first, and with “show all”."""
EXPERTS_SHOWN, EXPERTS_OPEN = 10, 3
"""How many experts are on the page, and how many of them without a click."""
REVIEWS_SHOWN = 3


@access(needs(Permission.VIEW_LISTINGS))
def school(urn: int) -> ResponseReturnValue:
    """Show one school of the register."""
    school = get_school(db.session(), urn)
    actor = current_actor()
    most = MOST_LISTINGS if request.args.get("show") == "all" else LISTINGS_SHOWN
    listings = read_latest(db.session(), most + 1, visible_to(actor, Listing), of=urn)
    record = record_of(db.session(), urn)
    position = position_of(school)
    is_ours = urn == actor.urn
    reviews = what_schools_say(db.session(), record, school, REVIEWS_SHOWN)
    return render_template(
        "pages/school.html",
        school=school,
        mark=school_mark(school),
        term=standing_answer(db.session(), urn),
        phase_label=phase_label(school),
        size_label=size_label(school),
        distance=distance_to(school, actor),
        people=listed_people(db.session(), urn),
        parts=[part_row(part) for part in visible_parts(db.session(), actor, urn)],
        photographs=[photograph_row(one) for one in visible_photographs(db.session(), actor, urn)],
        record=record_facts(record),
        bars=topic_bars(record),
        reviews=reviews,
        opinion=opinion(record.opinions, record.opinions_again) if record else "",
        all_reviews_url=url_for("reviews.about", urn=urn) if len(reviews) == REVIEWS_SHOWN else "",
        links_of=partial(report_link, actor),
        map=draw_school(db.session(), position, actor.position) if position else None,
        experts=[
            expert_row(one, actor, school, name=one.person.name)
            for one in shared_at(db.session(), actor, urn, EXPERTS_SHOWN)
        ],
        experts_open=EXPERTS_OPEN,
        is_ours=is_ours,
        may_write=is_ours and actor.may(Permission.WRITE_PROFILE),
        may_ask=not is_ours and actor.urn is not None and actor.may(Permission.ASK),
        may_open_experts=actor.urn is not None,
        may_support=actor.may(Permission.MANAGE_NETWORK) and school.joined_at is not None,
        free_within=free_with(db.session(), actor, school) if listings else "",
        cards=[card_of(result, own=is_ours if actor.urn else None) for result in listings[:most]],
        all_url=url_for(".school", urn=urn, show="all")
        if len(listings) > most == LISTINGS_SHOWN
        else None,
    )
