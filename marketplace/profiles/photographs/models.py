"""The photographs of a school's page, and their bytes in a table of their own."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.audiences.models import HasAudience, audience_constraints
from marketplace.database import Base
from marketplace.schools.models import School

MOST_PHOTOGRAPHS = 6
"""How many a school may have on its page."""


class Size(StrEnum):
    """In which sizes each picture is kept."""

    FULL = "full"
    SMALL = "small"


class Photograph(HasAudience, Base):
    """One photograph of a school's page.

    Who added it has said that the people in it agreed; without that there is no row. ``place`` is
    where it stands, from 1; the database itself sees to it that there are no more than there may
    be. In place 0 a photograph stands for an instant only, while two change places.
    """

    __tablename__ = "photograph"
    __table_args__ = (
        *audience_constraints(),
        sa.CheckConstraint("audience <> 'confidential'", name="not_confidential"),
        sa.CheckConstraint(f"place BETWEEN 0 AND {MOST_PHOTOGRAPHS}", name="place"),
        sa.CheckConstraint("description <> ''", name="is_described"),
        sa.CheckConstraint("width > 0 AND height > 0", name="size"),
        sa.UniqueConstraint("school_urn", "place"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    place: Mapped[int]
    description: Mapped[str] = mapped_column(sa.String(300))
    """What it shows, for people who cannot see it."""
    caption: Mapped[str] = mapped_column(sa.String(200))
    width: Mapped[int]
    height: Mapped[int]
    """Of the full size, in pixels."""
    digest: Mapped[str] = mapped_column(sa.String(64))
    added_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    added_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    idempotency_key: Mapped[str] = mapped_column(sa.String(80), unique=True)

    added_by: Mapped[Person] = relationship(lazy="raise_on_sql")
    school: Mapped[School] = relationship(lazy="raise_on_sql")


class PhotographFile(Base):
    """The bytes of a photograph in one size, as we drew it: never what was sent."""

    __tablename__ = "photograph_file"
    __table_args__ = (
        sa.CheckConstraint(
            f"size IN ({', '.join(repr(size.value) for size in Size)})", name="size"
        ),
    )

    photograph_id: Mapped[int] = mapped_column(
        sa.ForeignKey("photograph.id", ondelete="CASCADE"), primary_key=True
    )
    size: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    data: Mapped[bytes] = mapped_column(sa.LargeBinary)
