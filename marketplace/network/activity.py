"""How active schools are: figures that are kept as things happen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_login import user_logged_in
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.models import RoleGrant
from marketplace.conversations.events import MessageWritten
from marketplace.conversations.models import Message
from marketplace.database import db
from marketplace.exchanges.models import ExchangeEvent
from marketplace.exchanges.transitions import EVENTS
from marketplace.listings import events as listing_events
from marketplace.listings.models import Listing
from marketplace.network.models import SchoolActivity
from marketplace.outbox.subscribers import Subscribers
from marketplace.schools.models import School

SUBSCRIBER = "network.activity"

_LISTING_EVENTS: tuple[type[Any], ...] = (
    listing_events.ListingPosted,
    listing_events.ListingChanged,
    listing_events.ListingWithdrawn,
    listing_events.ListingReopened,
)


def init_app(app: Flask, subscribers: Subscribers) -> None:
    """Keep the figures: by the events of the outbox, and at each sign-in."""
    user_logged_in.connect(_signed_in, app)
    subscribers.subscribe(MessageWritten, SUBSCRIBER, _message_written)
    for step_event in dict.fromkeys(EVENTS.values()):
        subscribers.subscribe(step_event, SUBSCRIBER, _step_taken)
    for listing_event in _LISTING_EVENTS:
        subscribers.subscribe(listing_event, SUBSCRIBER, _listing_touched)


def begin_activity(session: Session, urns: Iterable[int], at: datetime) -> None:
    """Begin the figures of schools that have just joined, and have none."""
    session.add_all(SchoolActivity(school_urn=urn, idle_since=at) for urn in urns)


def merge_activity(session: Session, old_urn: int, new_urn: int) -> None:
    """Let the figures of a school go on at another one."""
    old = session.get(SchoolActivity, old_urn)
    if old is None:
        return
    for name in ("last_sign_in_at", "last_activity_at", "last_exchange_at"):
        if (at := getattr(old, name)) is not None:
            _keep(session, new_urn, name, at)
    session.delete(old)
    session.flush()


def end_activity(session: Session, urn: int) -> None:
    """Forget the figures of a school that no longer takes part."""
    session.execute(sa.delete(SchoolActivity).where(SchoolActivity.school_urn == urn))


def count_activity(session: Session) -> None:
    """Make the figures of every school out of what its people have done, as for a demo."""
    acts = sa.union_all(
        sa.select(Message.school_urn, Message.created_at.label("at")),
        sa.select(ExchangeEvent.school_urn, ExchangeEvent.at),
        sa.select(Listing.school_urn, Listing.created_at),
    ).subquery()
    last_exchange = (
        sa.select(ExchangeEvent.school_urn, sa.func.max(ExchangeEvent.at).label("at"))
        .group_by(ExchangeEvent.school_urn)
        .subquery()
    )
    last_act = (
        sa.select(acts.c.school_urn, sa.func.max(acts.c.at).label("at"))
        .group_by(acts.c.school_urn)
        .subquery()
    )
    session.execute(sa.delete(SchoolActivity))
    session.execute(
        sa.insert(SchoolActivity).from_select(
            ["school_urn", "idle_since", "last_activity_at", "last_exchange_at"],
            sa.select(
                School.urn,
                sa.func.coalesce(last_act.c.at, School.joined_at),
                last_act.c.at,
                last_exchange.c.at,
            )
            .outerjoin(last_act, last_act.c.school_urn == School.urn)
            .outerjoin(last_exchange, last_exchange.c.school_urn == School.urn)
            .where(School.joined_at.is_not(None)),
        )
    )


def _signed_in(_app: Flask, user: Any) -> None:
    """Note that a person has signed in at each of their schools.

    In the order of the schools, so that two people who sign in at once wait for one another.
    """
    session, at = db.session(), clock.now()
    urns = session.scalars(
        sa.select(RoleGrant.school_urn)
        .where(RoleGrant.person_id == user.person_id, RoleGrant.school_urn.is_not(None))
        .distinct()
        .order_by(RoleGrant.school_urn)
    ).all()
    for urn in filter(None, urns):
        _keep(session, urn, "last_sign_in_at", at)


def _message_written(session: Session, event: MessageWritten) -> None:
    message = session.get(Message, event.message_id)
    if message is not None:
        _keep(session, message.school_urn, "last_activity_at", event.occurred_at)


def _step_taken(session: Session, event: Any) -> None:
    if event.actor_id is None:
        return
    urn = session.scalar(
        sa.select(ExchangeEvent.school_urn)
        .where(
            ExchangeEvent.exchange_id == event.exchange_id,
            ExchangeEvent.person_id == event.actor_id,
        )
        .order_by(ExchangeEvent.id.desc())
        .limit(1)
    )
    if urn is not None:
        _keep(session, urn, "last_activity_at", event.occurred_at)
        _keep(session, urn, "last_exchange_at", event.occurred_at)


def _listing_touched(session: Session, event: Any) -> None:
    if event.actor_id is None:
        return
    urn = session.scalar(sa.select(Listing.school_urn).where(Listing.id == event.listing_id))
    if urn is not None:
        _keep(session, urn, "last_activity_at", event.occurred_at)


def _keep(session: Session, urn: int, column: str, at: datetime) -> None:
    """Keep ``at`` as the latest instant of ``column``, if it is later than what is there."""
    latest = getattr(SchoolActivity, column)
    session.execute(
        sa.update(SchoolActivity)
        .where(SchoolActivity.school_urn == urn)
        .values(
            {
                latest: sa.case((latest > at, latest), else_=at),
                SchoolActivity.idle_since: sa.case(
                    (SchoolActivity.idle_since > at, SchoolActivity.idle_since), else_=at
                ),
            }
        ),
        execution_options={"synchronize_session": False},
    )
