"""Telling people of an event: their notifications, and the e-mails they want at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.models import Person
from marketplace.errors import NotFound
from marketplace.mail.service import queue_email
from marketplace.notifications.catalogue import kinds_of
from marketplace.notifications.kinds import Audience, Kind, Notice, notification_link
from marketplace.notifications.models import DIGESTS, Frequency, Notification
from marketplace.notifications.preferences import frequencies_for, quiet_hours_of, send_after
from marketplace.notifications.recipients import names_of_schools, people_of
from marketplace.notifications.truth import notification_key
from marketplace.notifications.unsubscribing import unsubscribe_link
from marketplace.outbox.events import Event


def notify(session: Session, event: Event) -> None:
    """Tell everyone whom ``event`` concerns, each once; it runs in the worker's transaction.

    Who did it is not told of it. What is no longer true when the worker comes to it is told to
    nobody: another event has followed it.
    """
    for kind in kinds_of(type(event)):
        about_id = kind.about_id(event)
        facts = kind.about.load(session, [about_id]).get(about_id)
        if facts is None:
            continue
        if kind.about.superseded and event.actor_id is not None:
            _mark_dealt_with(session, kind.about.name, about_id, event)
        audiences = list(kind.audiences(session, event, facts))
        names = names_of_schools(session, [audience.school_urn for audience in audiences])
        for audience in audiences:
            school_name = names[audience.school_urn]
            _tell(session, event, kind, facts, audience, school_name)


def mark_read(session: Session, notification_id: int) -> None:
    """Note that the person has opened it."""
    session.execute(
        sa.update(Notification)
        .where(Notification.id == notification_id, Notification.read_at.is_(None))
        .values(read_at=clock.now()),
        execution_options={"synchronize_session": False},
    )


def mark_all_read(session: Session, person_id: int) -> None:
    """Note that the person has seen every notification."""
    session.execute(
        sa.update(Notification)
        .where(Notification.person_id == person_id, Notification.read_at.is_(None))
        .values(read_at=clock.now()),
        execution_options={"synchronize_session": False},
    )


def get_own(session: Session, notification_id: int, person_id: int) -> Notification:
    """Return a notification of this person.

    Raises:
        NotFound: if there is none, or it is another person's.
    """
    notification = session.get(Notification, notification_id)
    if notification is None or notification.person_id != person_id:
        raise NotFound
    return notification


def _tell(
    session: Session,
    event: Event,
    kind: Kind[Any, Any],
    facts: Any,
    audience: Audience,
    school_name: str,
) -> None:
    days = kind.days(event)
    notices = {
        person.id: (
            person,
            Notice(facts, person.id, audience.school_urn, school_name, days),
        )
        for person in people_of(session, kind, audience)
        if person.id != event.actor_id
    }
    notices = {
        person_id: (person, notice)
        for person_id, (person, notice) in notices.items()
        if kind.is_current(notice)
    }
    for person_id in _told_already(session, event, kind, list(notices)):
        del notices[person_id]
    if kind.about.superseded and event.actor_id is None:
        _mark_dealt_with(session, kind.about.name, kind.about_id(event), event, list(notices))
    frequencies = frequencies_for(session, kind, list(notices))
    quiet_hours = quiet_hours_of(session, list(notices))
    now = clock.now()
    for person_id, (person, notice) in notices.items():
        frequency = frequencies[person_id]
        notification = Notification(
            event_id=event.id,
            kind=kind.name,
            person_id=person_id,
            school_urn=audience.school_urn,
            about=kind.about.name,
            about_id=kind.about_id(event),
            days=days,
            created_at=now,
            digest=frequency if frequency in DIGESTS else None,
        )
        session.add(notification)
        session.flush()
        if frequency is Frequency.AT_ONCE:
            hours = quiet_hours.get(person_id)
            queue_email(
                session,
                template=kind.template,
                to=person.email,
                person_id=person_id,
                school_urn=audience.school_urn,
                key=notification_key(notification.id),
                unsubscribe_url=kind.unsubscribe(notice)
                if kind.unsubscribe is not None
                else unsubscribe_link(person_id, kind),
                send_after=send_after(kind, hours, now),
                **email_context(kind, notice, person, notification.id),
            )


def email_context(
    kind: Kind[Any, Any], notice: Notice[Any], person: Person, notification_id: int
) -> dict[str, Any]:
    """Return what the template of an e-mail reads."""
    return {
        "title": kind.title(notice),
        "facts": kind.facts(notice),
        "school_name": notice.school_name,
        "person_name": person.name,
        "link": notification_link(notification_id),
    }


def _told_already(
    session: Session, event: Event, kind: Kind[Any, Any], person_ids: Collection[int]
) -> list[int]:
    return list(
        session.scalars(
            sa.select(Notification.person_id).where(
                Notification.event_id == event.id,
                Notification.kind == kind.name,
                Notification.person_id.in_(person_ids),
            )
        )
    )


def _mark_dealt_with(
    session: Session,
    about: str,
    about_id: int,
    event: Event,
    person_ids: Collection[int] | None = None,
) -> None:
    """Mark what was told of the same thing before as read: for everyone, or for these people."""
    statement = sa.update(Notification).where(
        Notification.about == about,
        Notification.about_id == about_id,
        Notification.event_id < event.id,
        Notification.read_at.is_(None),
    )
    if person_ids is not None:
        statement = statement.where(Notification.person_id.in_(person_ids))
    session.execute(
        statement.values(read_at=clock.now()), execution_options={"synchronize_session": False}
    )
