"""Saved searches, and the log of the alerts that came of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Base

LONGEST_NAME = 100
MOST_AT_ONCE_A_DAY = 3
"""How many alerts a search that tells at once makes in a day; the rest comes the day after."""


class AlertFrequency(StrEnum):
    """How often a saved search tells its person of new listings."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"
    OFF = "off"


class SavedSearch(Base):
    """A search that one person has saved at one school.

    ``criteria`` is what ``SavedCriteria`` reads. Listings up to the number ``seen_up_to`` have been
    held against it.
    """

    __tablename__ = "saved_search"
    __table_args__ = (
        sa.CheckConstraint(
            f"frequency IN ({', '.join(repr(one.value) for one in AlertFrequency)})",
            name="frequency",
        ),
        sa.CheckConstraint("length(name) > 0", name="has_name"),
        sa.Index("ix_saved_search_person", "person_id", "id"),
        sa.Index("ix_saved_search_due", "frequency", "last_run_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    school_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"), index=True)
    name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))
    criteria: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    frequency: Mapped[str] = mapped_column(sa.String(10))
    seen_up_to: Mapped[int]
    last_run_at: Mapped[datetime]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    idempotency_key: Mapped[str] = mapped_column(sa.String(80), unique=True)


class SearchAlert(Base):
    """One alert: what was new for a saved search when it ran; never changed."""

    __tablename__ = "search_alert"
    __table_args__ = (sa.Index("ix_search_alert_search", "saved_search_id", "made_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    saved_search_id: Mapped[int] = mapped_column(
        sa.ForeignKey("saved_search.id", ondelete="CASCADE")
    )
    made_at: Mapped[datetime]


class AlertedListing(Base):
    """A listing of an alert: each saved search tells of a listing once."""

    __tablename__ = "alerted_listing"

    saved_search_id: Mapped[int] = mapped_column(
        sa.ForeignKey("saved_search.id", ondelete="CASCADE"), primary_key=True
    )
    listing_id: Mapped[int] = mapped_column(
        sa.ForeignKey("listing.id"), primary_key=True, index=True
    )
    alert_id: Mapped[int] = mapped_column(
        sa.ForeignKey("search_alert.id", ondelete="CASCADE"), index=True
    )
