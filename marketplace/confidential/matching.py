"""Looking for schools that could help with a confidential request, and asking them.

It runs in the worker only: nobody's page reads what it reads.
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from marketplace import clock
from marketplace.audiences.queries import (
    get_belonging,
    may_be_asked,
    square_metres,
    visible_to_others,
)
from marketplace.confidential.events import HelpAsked, HelpDeclined
from marketplace.confidential.models import AskState, ConfidentialAsk
from marketplace.confidential.queries import find_request, is_sought
from marketplace.listings.events import ListingChanged, ListingPosted, ListingReopened
from marketplace.listings.models import (
    Kind,
    Listing,
    ListingPhase,
    ListingStatus,
    ListingTopic,
)
from marketplace.outbox.events import Event
from marketplace.outbox.schedule import JobRun
from marketplace.outbox.service import record
from marketplace.schools.models import School

MOST_WAITING = 10
"""So many schools are asked at once about one request."""
MOST_ASKED = 40
"""So many are asked in all."""
MOST_OF_A_SCHOOL = 3
"""So many asks may wait for the answer of one school: more would be a burden."""
SILENT_AFTER = timedelta(days=7)
"""After so long without an answer another school is asked as well."""
WHOLE_SCHOOL = "whole-school"
"""The phase that goes with every other."""


def on_request(session: Session, event: Event) -> None:
    """Ask schools about the request of an event, if it is confidential."""
    match event:
        case HelpDeclined():
            if (ask := session.get(ConfidentialAsk, event.ask_id)) is not None:
                ask_schools(session, ask.listing_id)
        case ListingPosted() | ListingChanged() | ListingReopened():
            ask_schools(session, event.listing_id)


def ask_more_job(run: JobRun) -> str:
    """Ask further schools about every confidential request, each in its own transaction."""
    listing_ids = run.session.scalars(sa.select(Listing.id).where(is_sought())).all()
    count = 0
    for listing_id in listing_ids:
        count += ask_schools(run.session, listing_id)
        run.commit()
    return f"{count} schools asked"


def ask_schools(session: Session, listing_id: int) -> int:
    """Ask schools that fit until enough have an answer to give; return how many were asked."""
    found = find_request(session, listing_id)
    if found is None:
        return 0
    listing, school = found
    now = clock.now()
    asked, waiting = session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count().filter(
                sa.or_(
                    ConfidentialAsk.state == AskState.WILLING,
                    sa.and_(
                        ConfidentialAsk.state == AskState.ASKED,
                        ConfidentialAsk.asked_at > now - SILENT_AFTER,
                    ),
                )
            ),
        ).where(ConfidentialAsk.listing_id == listing_id)
    ).one()
    wanted = min(MOST_WAITING - waiting, MOST_ASKED - asked)
    if wanted <= 0:
        return 0
    urns = find_helpers(session, listing, school, wanted)
    for urn in urns:
        ask = ConfidentialAsk(listing_id=listing.id, school_urn=urn, asked_at=now)
        session.add(ask)
        session.flush()
        record(session, HelpAsked(actor_id=None, school_urns=(urn,), ask_id=ask.id))
    return len(urns)


def find_helpers(session: Session, listing: Listing, school: School, limit: int) -> list[int]:
    """Return the schools that offer what a request needs, near enough and of a kind that may know.

    They have an open offer, for other schools, on one of its topics and for one of its phases.
    Those with the most of its topics come first, and of these the nearest.
    """
    owner = get_belonging(session, school)
    if owner.position is None:
        return []
    topics = [topic.topic for topic in listing.topics]
    phases = {phase.phase for phase in listing.phases}
    offer, topic, phase = aliased(Listing), aliased(ListingTopic), aliased(ListingPhase)
    ask = aliased(ConfidentialAsk)
    common = sa.func.count(topic.topic.distinct())
    fits_phase: sa.ColumnElement[bool] = sa.true()
    if WHOLE_SCHOOL not in phases:
        fits_phase = phase.phase.in_([*phases, WHOLE_SCHOOL])
    was_asked = sa.exists().where(
        ConfidentialAsk.listing_id == listing.id, ConfidentialAsk.school_urn == School.urn
    )
    waiting = (
        sa.select(sa.func.count())
        .where(ask.school_urn == School.urn, ask.state == AskState.ASKED)
        .correlate(School)
        .scalar_subquery()
    )
    distance = square_metres(School, owner.position)
    urns = session.scalars(
        sa.select(School.urn)
        .join(offer, offer.school_urn == School.urn)
        .join(topic, topic.listing_id == offer.id)
        .join(phase, phase.listing_id == offer.id)
        .where(
            *may_be_asked(listing.seen_by, owner),
            offer.kind == Kind.OFFER,
            offer.status == ListingStatus.OPEN,
            visible_to_others(offer),
            topic.topic.in_(topics),
            fits_phase,
            ~was_asked,
            waiting < MOST_OF_A_SCHOOL,
        )
        .group_by(School.urn, School.easting, School.northing)
        .order_by(common.desc(), distance, School.urn)
        .limit(limit)
    )
    return list(urns)
