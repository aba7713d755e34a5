"""Digests: every morning one e-mail with what is still true, for those who chose so."""

from __future__ import annotations

import logging
from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts.models import Person
from marketplace.clock import LONDON
from marketplace.mail.service import queue_email
from marketplace.notifications.kinds import Group, notification_link
from marketplace.notifications.models import Frequency, Notification, NotificationDigest
from marketplace.notifications.preferences import quiet_hours_of
from marketplace.notifications.queries import Told, with_words
from marketplace.notifications.quiet_hours import end_of_quiet_hours
from marketplace.notifications.recipients import RolesOf
from marketplace.notifications.truth import digest_key
from marketplace.notifications.unsubscribing import unsubscribe_link
from marketplace.outbox.retrying import ClaimLost
from marketplace.outbox.schedule import JobRun
from marketplace.web.addresses import site_link

DIGEST_TIME = time(7, 30)
"""When digests are made, in Europe/London: every day, and on ``WEEKLY_DAY`` the weekly ones."""
WEEKLY_DAY = 0
"""The day of the week of weekly digests, as `date.weekday` counts: Monday."""
LINES_SHOWN = 12
"""How many notifications of one school are listed; a link leads to all."""

log = logging.getLogger(__name__)

Sections = list[tuple[str, list[tuple[str, list[tuple[str, str]]]], int]]
"""For each school: its name, for each group its heading with titles and links, how many more."""


def send_digests_job(run: JobRun) -> str:
    """Make every digest that is due; each is one transaction with the mark that it was made."""
    made = failed = 0
    for person_id in people_with_digests(run.session, clock.now()):
        try:
            made += make_digest(run.session, person_id, clock.now())
            run.commit()
        except (ClaimLost, DBAPIError):
            raise
        except Exception:
            run.session.rollback()
            failed += 1
            log.exception("The digest of person %s could not be made.", person_id)
    if failed:
        raise RuntimeError(f"{failed} digests could not be made; {made} were")
    return f"{made:,} digests were made."


def people_with_digests(session: Session, now: datetime) -> list[int]:
    """Return the people for whom something waits that a digest now is to hold."""
    return list(
        session.scalars(
            sa.select(Notification.person_id)
            .where(_is_due(now))
            .distinct()
            .order_by(Notification.person_id)
        )
    )


def make_digest(session: Session, person_id: int, now: datetime) -> bool:
    """Make one person's digest of the day; return whether an e-mail was written.

    A person has one digest a day at most. What is no longer true, was read, or is of a school
    where the person may not see it any more is left out; if nothing remains, nothing is sent.
    """
    day = now.astimezone(LONDON).date()
    if session.scalar(
        sa.select(NotificationDigest.id).where(
            NotificationDigest.person_id == person_id, NotificationDigest.day == day
        )
    ):
        return False
    rows = session.scalars(
        sa.select(Notification)
        .where(Notification.person_id == person_id, _is_due(now))
        .order_by(Notification.id)
        .with_for_update()
    ).all()
    roles = RolesOf(session, person_id)
    told = [
        item
        for item in with_words(session, [row for row in rows if row.read_at is None])
        if item.is_current and roles.allow(item.kind, item.notification.school_urn)
    ]
    for row in rows:
        row.digested_at = now
    if told:
        digest = NotificationDigest(
            person_id=person_id, day=day, made_at=now, notifications=len(told)
        )
        session.add(digest)
        session.flush()
        _write(session, session.get_one(Person, person_id), digest, told)
    session.flush()
    return bool(told)


def last_weekly(now: datetime) -> datetime:
    """Return the last time at or before ``now`` at which weekly digests were due."""
    local = now.astimezone(LONDON)
    monday = local.date() - timedelta(days=(local.weekday() - WEEKLY_DAY) % 7)
    due = datetime.combine(monday, DIGEST_TIME, LONDON)
    return due if due <= local else datetime.combine(monday - timedelta(7), DIGEST_TIME, LONDON)


def _is_due(now: datetime) -> sa.ColumnElement[bool]:
    """What waits for a daily digest, or has waited since before the last weekly one was due."""
    return sa.and_(
        Notification.digest.is_not(None),
        Notification.digested_at.is_(None),
        sa.or_(
            Notification.digest == Frequency.DAILY,
            Notification.created_at <= last_weekly(now),
        ),
    )


def _write(session: Session, person: Person, digest: NotificationDigest, told: list[Told]) -> None:
    hours = quiet_hours_of(session, [person.id]).get(person.id)
    title = told[0].title
    if len(told) > 1:
        title += f", and {len(told) - 1} more"
    queue_email(
        session,
        template="digest",
        to=person.email,
        person_id=person.id,
        key=digest_key(person.id, digest.day),
        unsubscribe_url=unsubscribe_link(person.id, None),
        send_after=end_of_quiet_hours(digest.made_at, hours.begins, hours.ends) if hours else None,
        title=title,
        person_name=person.name,
        sections=_sections(told),
        list_link=site_link("notifications.ours"),
    )


def _sections(told: list[Told]) -> Sections:
    by_school: dict[str, list[Told]] = {}
    for item in told:
        by_school.setdefault(item.notice.school_name, []).append(item)
    sections: Sections = []
    for school_name, items in sorted(by_school.items()):
        shown = items[:LINES_SHOWN]
        groups = [
            (
                group.value,
                [
                    (item.title, notification_link(item.notification.id))
                    for item in shown
                    if item.kind.group is group
                ],
            )
            for group in Group
        ]
        sections.append(
            (school_name, [group for group in groups if group[1]], len(items) - len(shown))
        )
    return sections
