"""Telling people of an event: their notifications, and the e-mails they want at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.models import Person
from marketplace.errors import NotFound
from marketplace.mail.service import Letter, queue_emails
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
    notify_all(session, [event])


def notify_all(session: Session, events: Sequence[Event]) -> None:
    """Tell of several events of one type as ``notify`` does, in a few statements for all of them.

    Where a later event supersedes an earlier one about the same thing, only the last may be among
    them.
    """
    for kind in kinds_of(type(events[0])):
        known = kind.about.load(session, [kind.about_id(event) for event in events])
        told = []
        for event in events:
            facts = known.get(kind.about_id(event))
            if facts is None:
                continue
            if kind.about.superseded and event.actor_id is not None:
                _mark_dealt_with(session, kind.about.name, kind.about_id(event), event)
            told += [(event, facts, audience) for audience in kind.audiences(session, event, facts)]
        if told:
            _tell(session, kind, _tellings(session, kind, told))


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


@dataclass(frozen=True, slots=True)
class _Telling:
    """One person who is told of one event."""

    event: Event
    person: Person
    notice: Notice[Any]


def _tellings(
    session: Session, kind: Kind[Any, Any], told: Sequence[tuple[Event, Any, Audience]]
) -> list[_Telling]:
    """Who is told of what, each person once of each event, and of what is still so."""
    audiences = [audience for _event, _facts, audience in told]
    names = names_of_schools(session, {audience.school_urn for audience in audiences})
    already = _told_already(session, kind, {event.id for event, *_ in told})
    found = []
    for (event, facts, audience), people in zip(
        told, people_of(session, kind, audiences), strict=True
    ):
        ours = []
        for person in people:
            urn = audience.school_urn
            notice = Notice(facts, person.id, urn, names[urn], kind.days(event))
            if (
                person.id != event.actor_id
                and kind.is_current(notice)
                and (event.id, person.id) not in already
            ):
                already.add((event.id, person.id))
                ours.append(_Telling(event, person, notice))
        if kind.about.superseded and event.actor_id is None:
            about = kind.about.name, kind.about_id(event)
            _mark_dealt_with(session, *about, event, [one.person.id for one in ours])
        found += ours
    return found


def _tell(session: Session, kind: Kind[Any, Any], tellings: Sequence[_Telling]) -> None:
    person_ids = {one.person.id for one in tellings}
    frequencies = frequencies_for(session, kind, person_ids)
    quiet_hours = quiet_hours_of(session, person_ids)
    now = clock.now()
    notifications = [
        Notification(
            event_id=one.event.id,
            kind=kind.name,
            person_id=one.person.id,
            school_urn=one.notice.school_urn,
            about=kind.about.name,
            about_id=kind.about_id(one.event),
            days=one.notice.days,
            created_at=now,
            digest=frequency if (frequency := frequencies[one.person.id]) in DIGESTS else None,
        )
        for one in tellings
    ]
    session.add_all(notifications)
    session.flush()
    queue_emails(
        session,
        [
            Letter(
                kind.template,
                one.person.email,
                email_context(kind, one.notice, one.person, notification.id),
                person_id=one.person.id,
                school_urn=one.notice.school_urn,
                key=notification_key(notification.id),
                unsubscribe_url=kind.unsubscribe(one.notice)
                if kind.unsubscribe is not None
                else unsubscribe_link(one.person.id, kind),
                send_after=send_after(kind, quiet_hours.get(one.person.id), now),
            )
            for one, notification in zip(tellings, notifications, strict=True)
            if frequencies[one.person.id] is Frequency.AT_ONCE
        ],
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
    session: Session, kind: Kind[Any, Any], event_ids: Collection[int | None]
) -> set[tuple[int | None, int]]:
    """Who has been told of which of these events."""
    rows = session.execute(
        sa.select(Notification.event_id, Notification.person_id).where(
            Notification.event_id.in_(event_ids), Notification.kind == kind.name
        )
    )
    return {(event_id, person_id) for event_id, person_id in rows}


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
