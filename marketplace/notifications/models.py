"""Tables: what each person was told, what they want to be told, and what was sent together."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Base

LONGEST_KIND = 60
LONGEST_ABOUT = 20
LONGEST_REMINDER_KEY = 120


class Frequency(StrEnum):
    """How often a person wants e-mails of one kind."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"
    OFF = "off"


DIGESTS = (Frequency.DAILY, Frequency.WEEKLY)
"""The frequencies whose notifications are sent together."""


def _quoted(*frequencies: Frequency) -> str:
    return ", ".join(f"'{frequency}'" for frequency in frequencies)


def _partial_index(name: str, *columns: str, where: str) -> sa.Index:
    condition = sa.text(where)
    return sa.Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


class Notification(Base):
    """One thing that one person was told because of one event.

    It has no words: they are made of the thing that it is about (``about`` and ``about_id``), as
    that is when somebody looks. ``event_id`` is the outbox's and no foreign key, because old
    events are deleted.
    """

    __tablename__ = "notification"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "person_id", "kind"),
        sa.CheckConstraint(f"digest IN ({_quoted(*DIGESTS)})", name="digest"),
        sa.CheckConstraint(
            "digested_at IS NULL OR digest IS NOT NULL", name="digested_in_a_digest"
        ),
        sa.Index("ix_notification_person_id_id", "person_id", "id"),
        _partial_index("ix_notification_unread", "person_id", where="read_at IS NULL"),
        _partial_index(
            "ix_notification_unread_about", "about", "about_id", where="read_at IS NULL"
        ),
        _partial_index(
            "ix_notification_undigested",
            "person_id",
            where="digest IS NOT NULL AND digested_at IS NULL",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(LONGEST_KIND))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    school_urn: Mapped[int | None] = mapped_column(sa.ForeignKey("school.urn"))
    """The school as whose staff the person is told; None as staff of the network."""
    about: Mapped[str] = mapped_column(sa.String(LONGEST_ABOUT))
    about_id: Mapped[int]
    days: Mapped[int | None]
    """For a reminder: for how many days it had waited, or how many are left."""
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    """When the person opened it, or when it was dealt with or superseded."""
    digest: Mapped[str | None] = mapped_column(sa.String(10))
    """The digest that it is for; None if it was sent at once or is not sent."""
    digested_at: Mapped[datetime | None]
    """When the digest was made that it belongs to, also if it was left out there."""


class NotificationPreference(Base):
    """How often one person wants e-mails of one kind, where they have chosen."""

    __tablename__ = "notification_preference"
    __table_args__ = (
        sa.CheckConstraint(f"frequency IN ({_quoted(*Frequency)})", name="frequency"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(LONGEST_KIND), primary_key=True)
    frequency: Mapped[str] = mapped_column(sa.String(10))


class QuietHours(Base):
    """The hours of each day, in Europe/London, in which one person gets no e-mail."""

    __tablename__ = "quiet_hours"
    __table_args__ = (sa.CheckConstraint("begins <> ends", name="have_a_length"),)

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    begins: Mapped[time]
    ends: Mapped[time]
    """It may be before ``begins``: then they go over midnight."""


class NotificationDigest(Base):
    """One person's digest of one day: there is one at most, made together with its e-mail."""

    __tablename__ = "notification_digest"
    __table_args__ = (sa.UniqueConstraint("person_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    day: Mapped[date]
    made_at: Mapped[datetime]
    notifications: Mapped[int]
    """How many it holds."""


class Reminder(Base):
    """One reminder that was given: its key says of what, since when, and after how many days."""

    __tablename__ = "reminder"

    key: Mapped[str] = mapped_column(sa.String(LONGEST_REMINDER_KEY), primary_key=True)
    made_at: Mapped[datetime] = mapped_column(index=True)
