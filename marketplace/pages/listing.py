"""A listing's page: its content, the school behind it, and the next steps."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.audiences.audience import Reach
from marketplace.audiences.words import label
from marketplace.confidential.presenters import progress_of
from marketplace.confidential.queries import count_states
from marketplace.conversations.queries import partner_named, thread_about
from marketplace.database import db
from marketplace.exchanges.reviews.presenters import opinion
from marketplace.exchanges.within_trust.presenters import free_with
from marketplace.listings.detail_models import Met
from marketplace.listings.detail_presenters import (
    availability,
    detail_facts,
    has_ended,
    lasts,
    met_words,
    posted_ago,
    where_words,
)
from marketplace.listings.details import details_of
from marketplace.listings.forms import MODE_LABELS
from marketplace.listings.models import Kind, Listing, ListingStatus, Mode
from marketplace.listings.moderation.queries import trail
from marketplace.listings.presenters import topic_names
from marketplace.listings.queries import get_listing
from marketplace.listings.topics import PHASES
from marketplace.matching.fitting import count_fits
from marketplace.matching.presenters import how_many
from marketplace.pages.listing_facts import free_days, given_words, parts_of, similar_to
from marketplace.pages.school_facts import distance_to, phase_label, what_schools_say
from marketplace.profiles.evidence.presenters import evidence_line
from marketplace.profiles.evidence.queries import evidence_for
from marketplace.profiles.experts.queries import Circle
from marketplace.profiles.track_record.presenters import record_facts
from marketplace.profiles.track_record.queries import record_of
from marketplace.schools.standing import school_mark
from marketplace.search.presenters import address
from marketplace.search.way_back import back_to_search, kept_search
from marketplace.term_clock.queries import standing_answer

REVIEWS_SHOWN = 2


@access(needs(Permission.VIEW_LISTINGS))
def listing(listing_id: int) -> ResponseReturnValue:
    """Show one offer or request."""
    actor = current_actor()
    listing = get_listing(db.session(), listing_id, actor)
    own = listing.school_urn == actor.urn
    other_school_acts = actor.urn is not None and not own
    confidential = listing.audience == Reach.CONFIDENTIAL
    fits, progress = None, ""
    if own and confidential and listing.status == ListingStatus.OPEN:
        progress = progress_of(count_states(db.session(), listing_id))
    elif own and listing.status == ListingStatus.OPEN and actor.may(Permission.ASK):
        fits = count_fits(db.session(), actor, listing)
    thread = thread_about(db.session(), actor, listing) if other_school_acts else None
    shown = details_of(db.session(), listing_id)
    hidden = listing.status == ListingStatus.HIDDEN
    term = standing_answer(db.session(), listing.school_urn)
    not_now = listing.kind == Kind.OFFER and term is not None and term.not_now
    is_open = listing.status == ListingStatus.OPEN
    record = record_of(db.session(), listing.school_urn)
    opening, more = parts_of(listing.description)
    reviews = []
    if listing.kind == Kind.OFFER:
        reviews = what_schools_say(db.session(), record, listing.school, REVIEWS_SHOWN)
    return render_template(
        "pages/listing.html",
        listing=listing,
        opening=opening,
        more=more,
        details=detail_facts(shown),
        expires_on=shown.details.expires_on,
        lasts=lasts(shown, is_open=is_open),
        has_ended=has_ended(shown),
        met_words=met_words(listing, shown),
        is_met=shown.met == Met.FULLY,
        met_by=shown.met_by,
        met_by_urn=partner_named(db.session(), listing_id, shown.met_by) if shown.met_by else None,
        posted=posted_ago(listing.created_at),
        school=listing.school,
        school_mark=school_mark(listing.school),
        phase_label=phase_label(listing.school),
        topics=topic_names([topic.topic for topic in listing.topics]),
        phases=[PHASES[phase.phase] for phase in listing.phases if phase.phase in PHASES],
        where=where_words(listing, own=own)
        if actor.urn is not None
        else MODE_LABELS[Mode(listing.mode)],
        when=availability(shown.details),
        given=given_words(listing),
        next_free=free_days(
            db.session(), listing, shown.details, term.ask_again_on if term and not_now else None
        )
        if is_open
        else "",
        similar=None if own else similar_to(db.session(), actor, listing, kept_search()),
        audience_label=label(
            listing.seen_by,
            listing.audience_group.name if listing.audience_group else "",
            listing.audience_second_group.name if listing.audience_second_group else "",
        ),
        distance=distance_to(listing.school, actor),
        evidence=evidence_line(
            evidence_for(
                db.session(),
                actor,
                listing.school_urn,
                [topic.topic for topic in listing.topics],
            )
        )
        if listing.kind == Kind.OFFER
        else "",
        record=record_facts(record),
        reviews=reviews,
        opinion=opinion(record.opinions, record.opinions_again) if record else "",
        open=is_open,
        own=own,
        is_for_own_staff=listing.audience == Reach.SCHOOL,
        free_within=free_with(db.session(), actor, listing.school),
        colleagues_url=_colleagues_url(listing)
        if own and is_open and listing.kind == Kind.OFFER
        else None,
        confidential=confidential,
        progress=progress,
        back=way_back(own),
        thread=thread,
        fits=how_many(fits, listing.kind) if fits else None,
        is_offer=listing.kind == Kind.OFFER,
        term=term,
        not_now=not_now,
        hidden_because=trail(db.session(), listing_id)[0].reason if hidden else "",
        may_report=other_school_acts and actor.may(Permission.ASK),
        may_moderate=actor.may(Permission.MANAGE_NETWORK),
        may_ask=other_school_acts and not not_now and actor.may(Permission.ASK),
        may_propose=other_school_acts and not not_now and actor.may(Permission.AGREE_EXCHANGES),
        may_change=own and actor.may(Permission.POST_LISTINGS),
    )


def _colleagues_url(listing: Listing) -> str:
    """The address of the colleagues who are good at what an offer of the own school is about."""
    topic = listing.topics[0].topic if listing.topics else None
    return url_for("experts.find", circle=Circle.SCHOOL, topic=topic)


def way_back(own: bool) -> tuple[str, str]:
    """Return the address and the label of the way back: to the search that led here, if one did."""
    if back := back_to_search():
        return back
    return (url_for("listings.ours"), "Our listings") if own else (address({}), "Find help")
