"""Reminders before it is too late: what waits for a school, and holds near their end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.clock import LONDON, today
from marketplace.conversations.models import Enquiry
from marketplace.credits.holds import hold_ends
from marketplace.exchanges.models import OPEN_STATES, Exchange, State
from marketplace.exchanges.queries import is_under_way
from marketplace.listings.detail_models import ListingDetails
from marketplace.listings.lasting import REMINDED_BEFORE
from marketplace.listings.models import Listing, ListingStatus
from marketplace.notifications.events import (
    EnquiryUnanswered,
    ExchangeUnanswered,
    HoldEnding,
    ListingEnding,
)
from marketplace.notifications.models import Reminder
from marketplace.notifications.stages import FORGOTTEN_DAYS, HOLD_DAYS, WAITING_DAYS
from marketplace.outbox.events import Event
from marketplace.outbox.schedule import JobRun
from marketplace.outbox.service import record
from marketplace.schools.models import School

REMINDER_TIME = time(7, 0)
"""When reminders are given, in Europe/London: before digests are made."""


def send_reminders_job(run: JobRun) -> str:
    """Give every reminder that is due."""
    return f"{remind(run.session):,} reminders were given."


def remind(session: Session) -> int:
    """Record an event for each reminder that is due, each once; count them."""
    now = clock.now()
    due = [
        *_enquiries(session, now),
        *_exchanges(session, now),
        *_holds(session, now),
        *_listings(session),
    ]
    keys = [key for key, _event in due]
    given: set[str] = set()
    for first in range(0, len(keys), 500):
        given.update(
            session.scalars(
                sa.select(Reminder.key).where(Reminder.key.in_(keys[first : first + 500]))
            )
        )
    new = [(key, event) for key, event in due if key not in given]
    for key, event in new:
        session.add(Reminder(key=key, made_at=now))
        session.flush()
        record(session, event)
    return len(new)


Due = Iterable[tuple[str, Event]]


def _stages(since: datetime, now: datetime) -> list[int]:
    """The numbers of days after which somebody is reminded and that have passed since."""
    waited = (now.astimezone(LONDON).date() - since.astimezone(LONDON).date()).days
    return [days for days in WAITING_DAYS if days <= waited <= FORGOTTEN_DAYS]


def _key(what: str, thing_id: int, instant: datetime, days: int) -> str:
    return f"{what}:{thing_id}:{instant:%Y%m%dT%H%M%S%f}:{days}"


def _can_act() -> sa.ColumnElement[bool]:
    """The condition that the school's people can do something: it is open, and not paused."""
    return sa.and_(School.status != "closed", School.paused_at.is_(None), School.left_at.is_(None))


def _known(urn: int | None) -> tuple[int, ...]:
    return () if urn is None else (urn,)


def _enquiries(session: Session, now: datetime) -> Due:
    """Conversations that wait for the answer of a school that can act."""
    rows = session.execute(
        sa.select(Enquiry.id, Enquiry.awaiting_urn, Enquiry.last_at)
        .join(School, School.urn == Enquiry.awaiting_urn)
        .where(School.status != "closed", Enquiry.last_at >= now - timedelta(FORGOTTEN_DAYS + 1))
        .order_by(Enquiry.id)
    )
    for enquiry_id, urn, since in rows:
        for days in _stages(since, now):
            yield (
                _key("enquiry", enquiry_id, since, days),
                EnquiryUnanswered(
                    actor_id=None, school_urns=_known(urn), enquiry_id=enquiry_id, days=days
                ),
            )


def _exchanges(session: Session, now: datetime) -> Due:
    """Exchanges that wait for a school that can act: what is agreed, from its day on."""
    rows = session.execute(
        sa.select(
            Exchange.id,
            Exchange.awaiting_urn,
            Exchange.updated_at,
            Exchange.on_date,
            Exchange.state,
        )
        .join(School, School.urn == Exchange.awaiting_urn)
        # A dispute has deadlines and reminders of its own.
        .where(_can_act(), is_under_way(), Exchange.state != State.DISPUTED)
        .order_by(Exchange.id)
    )
    for exchange_id, urn, updated_at, on_date, state in rows:
        since = updated_at
        if state == State.AGREED:
            since = max(updated_at, datetime.combine(on_date, time(), LONDON))
        for days in _stages(since, now):
            yield (
                _key("exchange", exchange_id, updated_at, days),
                ExchangeUnanswered(
                    actor_id=None, school_urns=_known(urn), exchange_id=exchange_id, days=days
                ),
            )


def _holds(session: Session, now: datetime) -> Due:
    """Open exchanges whose credits are soon no longer held: the latest number of days only."""
    ends = hold_ends()
    rows = session.execute(
        sa.select(Exchange.id, Exchange.provider_urn, Exchange.receiver_urn, ends.c.ends_at)
        .join(ends, ends.c.hold_id == Exchange.hold_id)
        .where(
            Exchange.state.in_(OPEN_STATES),
            ends.c.ends_at > now,
            ends.c.ends_at <= now + timedelta(max(HOLD_DAYS)),
        )
        .order_by(Exchange.id)
    )
    for exchange_id, provider_urn, receiver_urn, ends_at in rows:
        days = min(days for days in HOLD_DAYS if ends_at <= now + timedelta(days))
        yield (
            _key("hold", exchange_id, ends_at, days),
            HoldEnding(
                actor_id=None,
                school_urns=(provider_urn, receiver_urn),
                exchange_id=exchange_id,
                days=days,
            ),
        )


def _listings(session: Session) -> Due:
    """Open listings whose last day is near, of schools that can act."""
    rows = session.execute(
        sa.select(Listing.id, Listing.school_urn, ListingDetails.expires_on)
        .join(ListingDetails, ListingDetails.listing_id == Listing.id)
        .join(School, School.urn == Listing.school_urn)
        .where(
            _can_act(),
            Listing.status == ListingStatus.OPEN,
            ListingDetails.expires_on.between(today(), today() + REMINDED_BEFORE),
        )
        .order_by(Listing.id)
    )
    for listing_id, urn, expires_on in rows:
        days = REMINDED_BEFORE.days
        yield (
            f"listing:{listing_id}:{expires_on:%Y%m%d}:{days}",
            ListingEnding(actor_id=None, school_urns=(urn,), listing_id=listing_id, days=days),
        )
