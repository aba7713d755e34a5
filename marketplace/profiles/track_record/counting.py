"""Counting track records: after what changes one, and every night for the year that moves on."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from statistics import median

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from marketplace import clock
from marketplace.conversations.events import MessageWritten
from marketplace.conversations.models import Enquiry, Message
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.queries import minutes_of_help
from marketplace.exchanges.reviews.queries import count_opinions
from marketplace.listings.models import Kind, Listing, ListingTopic
from marketplace.outbox.events import Event
from marketplace.outbox.schedule import JobRun
from marketplace.profiles.track_record.models import TrackRecord
from marketplace.schools.models import School

YEAR = timedelta(days=365)
AGAIN_AFTER = timedelta(hours=20)
BATCH = 200
MOST_ENQUIRIES = 200
"""How many of the latest enquiries the median is of."""


def count_after(session: Session, event: Event) -> None:
    """Count the track records of the schools of an event anew."""
    for urn in event.school_urns:
        count_record(session, urn)


def count_after_message(session: Session, event: MessageWritten) -> None:
    """Count the track record of the school that was asked, if the message answers it first."""
    enquiry = session.get(Enquiry, event.enquiry_id)
    if enquiry is not None:
        count_record(session, enquiry.owner_urn)


def recount_job(run: JobRun) -> str:
    """Count the track records of all schools that have exchanged or answered; say how many."""
    now, counted, last = clock.now(), 0, 0
    active = sa.union(
        sa.select(Exchange.provider_urn),
        sa.select(Exchange.receiver_urn),
        sa.select(Enquiry.owner_urn),
    ).subquery()
    while True:
        urns = run.session.scalars(
            sa.select(School.urn)
            .outerjoin(TrackRecord, TrackRecord.school_urn == School.urn)
            .where(
                School.urn > last,
                School.urn.in_(sa.select(active.c[0])),
                sa.or_(
                    TrackRecord.counted_at.is_(None), TrackRecord.counted_at < now - AGAIN_AFTER
                ),
            )
            .order_by(School.urn)
            .limit(BATCH)
        ).all()
        for urn in urns:
            count_record(run.session, urn)
        counted += len(urns)
        if len(urns) < BATCH:
            return f"{counted} counted"
        last = urns[-1]
        run.commit()


def count_record(session: Session, urn: int) -> TrackRecord:
    """Count the track record of a school for the last year, and keep it.

    With it goes how often each of its offers was ever given, and when last.
    """
    now = clock.now()
    given = _exchanges(session, Exchange.provider_urn, Exchange.receiver_urn, urn, now - YEAR)
    received = _exchanges(session, Exchange.receiver_urn, Exchange.provider_urn, urn, now - YEAR)
    partners = Counter(partner for partner, _ in [*given, *received])
    answers = _answer_minutes(session, urn, now - YEAR)
    opinions, opinions_again = count_opinions(session, urn)
    _count_offers(session, urn)
    values = {
        "given": len(given),
        "received": len(received),
        "minutes_given": sum(minutes for _, minutes in given),
        "minutes_received": sum(minutes for _, minutes in received),
        "minutes_by_topic": _given_by_topic(session, urn, now - YEAR),
        "partners": len(partners),
        "partners_again": sum(count > 1 for count in partners.values()),
        "answers": len(answers),
        "answer_minutes": round(median(answers)) if answers else None,
        "opinions": opinions,
        "opinions_again": opinions_again,
        "counted_at": now,
    }
    record = session.get(TrackRecord, urn)
    if record is None:
        record = TrackRecord(school_urn=urn)
        session.add(record)
    for name, value in values.items():
        setattr(record, name, value)
    session.flush()
    return record


def _exchanges(
    session: Session,
    side: InstrumentedAttribute[int],
    other: InstrumentedAttribute[int],
    urn: int,
    since: datetime,
) -> list[tuple[int, int]]:
    """The confirmed exchanges on one side since then: the partner, and its minutes."""
    rows = session.execute(
        sa.select(other, minutes_of_help()).where(
            side == urn, Exchange.state == State.CONFIRMED, Exchange.updated_at > since
        )
    )
    return [(partner, minutes) for partner, minutes in rows]


def _count_offers(session: Session, urn: int) -> None:
    """Keep with each offer of a school how often it was given; only what changed is written."""
    rows = session.execute(
        sa.select(
            Enquiry.listing_id,
            sa.func.count(),
            sa.func.max(sa.func.coalesce(Exchange.delivered_on, Exchange.on_date)),
        )
        .join(Enquiry, Enquiry.id == Exchange.enquiry_id)
        .where(
            Exchange.provider_urn == urn,
            Exchange.state == State.CONFIRMED,
            minutes_of_help() > 0,
        )
        .group_by(Enquiry.listing_id)
    )
    given = {listing_id: (times, last) for listing_id, times, last in rows}
    offers = session.scalars(
        sa.select(Listing).where(
            Listing.school_urn == urn,
            Listing.kind == Kind.OFFER,
            sa.or_(Listing.times_given > 0, Listing.id.in_(given)),
        )
    )
    for offer in offers.all():
        offer.times_given, offer.last_given_on = given.get(offer.id, (0, None))


def _given_by_topic(session: Session, urn: int, since: datetime) -> dict[str, int]:
    """The minutes that a school gave since then, by the first topic of each listing."""
    topic = (
        sa.select(sa.func.min(ListingTopic.topic))
        .where(ListingTopic.listing_id == Enquiry.listing_id)
        .correlate(Enquiry)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(topic, minutes_of_help())
        .join(Enquiry, Enquiry.id == Exchange.enquiry_id)
        .where(
            Exchange.provider_urn == urn,
            Exchange.state == State.CONFIRMED,
            Exchange.updated_at > since,
        )
    )
    given: Counter[str] = Counter()
    for slug, minutes in rows:
        if slug is not None and minutes > 0:
            given[slug] += minutes
    return dict(given.most_common())


def _answer_minutes(session: Session, urn: int, since: datetime) -> list[int]:
    """How long the latest enquiries that were answered waited for the first answer."""
    first = aliased(Message)
    first_answer = (
        sa.select(sa.func.min(first.created_at))
        .where(first.enquiry_id == Enquiry.id, first.school_urn == Enquiry.owner_urn)
        .correlate(Enquiry)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(Enquiry.created_at, first_answer)
        .where(Enquiry.owner_urn == urn, Enquiry.created_at > since)
        .order_by(Enquiry.last_at.desc(), Enquiry.id.desc())
        .limit(MOST_ENQUIRIES)
    )
    return [
        max(0, int((answered - asked).total_seconds() // 60))
        for asked, answered in rows
        if answered is not None
    ]
