"""What people have chosen: how often they get e-mails of each kind, and when not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.notifications.catalogue import KINDS
from marketplace.notifications.kinds import Kind
from marketplace.notifications.models import (
    DIGESTS,
    Frequency,
    Notification,
    NotificationPreference,
    QuietHours,
)
from marketplace.notifications.quiet_hours import end_of_quiet_hours


@dataclass(frozen=True, slots=True)
class Hours:
    """Quiet hours, from and to."""

    begins: time
    ends: time


def frequencies_for(
    session: Session, kind: Kind[Any, Any], person_ids: Collection[int]
) -> dict[int, Frequency]:
    """Return how often each of these people wants e-mails of ``kind``."""
    frequencies = dict.fromkeys(person_ids, kind.default)
    if kind.may_be_changed and person_ids:
        for person_id, frequency in session.execute(
            sa.select(NotificationPreference.person_id, NotificationPreference.frequency).where(
                NotificationPreference.kind == kind.name,
                NotificationPreference.person_id.in_(person_ids),
            )
        ):
            frequencies[person_id] = Frequency(frequency)
    return frequencies


def frequencies_of(session: Session, person_id: int) -> dict[str, Frequency]:
    """Return how often a person wants e-mails of each kind, by its name."""
    frequencies = {kind.name: kind.default for kind in KINDS}
    changeable = {kind.name for kind in KINDS if kind.may_be_changed}
    for name, frequency in session.execute(
        sa.select(NotificationPreference.kind, NotificationPreference.frequency).where(
            NotificationPreference.person_id == person_id
        )
    ):
        if name in changeable:
            frequencies[name] = Frequency(frequency)
    return frequencies


def choose_frequencies(
    session: Session, person_id: int, chosen: Mapping[str, Frequency]
) -> list[str]:
    """Store how often a person wants e-mails of the kinds ``chosen``; return those that changed.

    What is waiting for a digest follows: it goes into the other one, or is not sent. What was
    waiting when a person chose to be told at once stays in its digest. A kind that cannot be
    changed, or that does not exist, is left out.
    """
    current = frequencies_of(session, person_id)
    changeable = {kind.name for kind in KINDS if kind.may_be_changed}
    changed = {
        name: frequency
        for name, frequency in chosen.items()
        if name in changeable and frequency is not current[name]
    }
    for name, frequency in changed.items():
        preference = session.get(NotificationPreference, (person_id, name))
        if preference is None:
            preference = NotificationPreference(person_id=person_id, kind=name)
            session.add(preference)
        preference.frequency = frequency
        if frequency is not Frequency.AT_ONCE:
            session.execute(
                sa.update(Notification)
                .where(
                    Notification.person_id == person_id,
                    Notification.kind == name,
                    Notification.digest.is_not(None),
                    Notification.digested_at.is_(None),
                )
                .values(digest=frequency if frequency in DIGESTS else None),
                execution_options={"synchronize_session": False},
            )
    session.flush()
    return sorted(changed)


def quiet_hours_of(session: Session, person_ids: Collection[int]) -> dict[int, Hours]:
    """Return the quiet hours of those among these people who have some."""
    if not person_ids:
        return {}
    rows = session.scalars(sa.select(QuietHours).where(QuietHours.person_id.in_(person_ids)))
    return {row.person_id: Hours(row.begins, row.ends) for row in rows}


def choose_quiet_hours(session: Session, person_id: int, hours: Hours | None) -> None:
    """Store a person's quiet hours, or (``None``) that they have none."""
    row = session.get(QuietHours, person_id)
    if hours is None:
        if row is not None:
            session.delete(row)
    elif row is None:
        session.add(QuietHours(person_id=person_id, begins=hours.begins, ends=hours.ends))
    else:
        row.begins, row.ends = hours.begins, hours.ends
    session.flush()


def send_after(kind: Kind[Any, Any], hours: Hours | None, now: datetime) -> datetime | None:
    """Return until when an e-mail of ``kind`` waits for the end of quiet hours; ``None``: not."""
    if hours is None or not kind.may_be_changed:
        return None
    return end_of_quiet_hours(now, hours.begins, hours.ends)


def in_words(session: Session, person_id: int) -> str:
    """Return how the person is told, for their account page."""
    hours = quiet_hours_of(session, [person_id]).get(person_id)
    chosen = "As you chose" if frequencies_of(session, person_id) else "As everyone is told"
    return f"{chosen}, with quiet hours" if hours else chosen
