"""Term dates as a school or its local authority has told them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Base


class EntryKind(StrEnum):
    """What some days of a school year are."""

    TERM = "term"
    HOLIDAY = "holiday"
    INSET = "inset"


class CalendarEntry(Base):
    """Days of the school year of one school, or of the schools of one local authority.

    What a school says of itself goes before what its authority says. ``imported`` entries came
    out of a file, and go when another one is imported.
    """

    __tablename__ = "calendar_entry"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('term', 'holiday', 'inset')", name="kind"),
        sa.CheckConstraint("ends_on >= starts_on", name="in_order"),
        sa.CheckConstraint(
            "(school_urn IS NULL) <> (authority_code IS NULL)", name="school_or_authority"
        ),
        sa.Index(
            "uq_calendar_entry_school", "school_urn", "starts_on", "ends_on", "kind", unique=True
        ),
        sa.Index(
            "uq_calendar_entry_authority",
            "authority_code",
            "starts_on",
            "ends_on",
            "kind",
            unique=True,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_urn: Mapped[int | None] = mapped_column(sa.ForeignKey("school.urn"))
    authority_code: Mapped[str | None] = mapped_column(sa.ForeignKey("local_authority.code"))
    kind: Mapped[str] = mapped_column(sa.String(10))
    name: Mapped[str] = mapped_column(sa.String(100))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    imported: Mapped[bool]
    changed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    changed_at: Mapped[datetime]
