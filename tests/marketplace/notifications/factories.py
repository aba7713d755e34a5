"""Made-up notifications, of a proposal."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.accounts.actor import Actor
from marketplace.database import db
from marketplace.listings.models import Listing
from marketplace.notifications.catalogue.exchanges import KINDS
from marketplace.notifications.models import Notification
from marketplace.notifications.service import notify
from marketplace.notifications.unsubscribing import unsubscribe_link
from marketplace.outbox.models import OutboxEvent
from tests.marketplace.exchanges.factories import proposed
from tests.marketplace.listings.factories import posted


def notified(person: Actor, other: Actor, listing: Listing | None = None) -> Notification:
    """What ``person`` is told when ``other`` proposes help about a listing of their school.

    ``person`` may agree exchanges; their colleagues are told of it, too.
    """
    session = db.session()
    proposed(other, listing or posted(person))
    session.flush()
    row = session.scalars(
        sa.select(OutboxEvent)
        .where(OutboxEvent.type == KINDS[0].event.type)
        .order_by(OutboxEvent.id.desc())
        .limit(1)
    ).one()
    event = KINDS[0].event.restore(
        row.data,
        id=row.id,
        actor_id=row.actor_id,
        school_urns=tuple(row.school_urns),
        occurred_at=row.occurred_at,
    )
    notify(session, event)
    return session.scalars(
        sa.select(Notification).where(
            Notification.event_id == row.id, Notification.person_id == person.person_id
        )
    ).one()


def unsubscribe_token(person_id: int) -> str:
    """The signed part of the address that ends e-mails about proposals to a person."""
    url = unsubscribe_link(person_id, KINDS[0])
    assert url is not None
    return url.rsplit("/", 1)[1]
