"""What a school can show for what it does well, one row for each piece."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.database import Base


class EvidenceKind(StrEnum):
    """What kind of evidence it is, in the order of the page."""

    AWARD = "award"
    HUB = "hub"
    INSPECTION = "inspection"
    IMPACT = "impact"
    OTHER = "other"


class Evidence(Base):
    """One piece of evidence.

    It has the audience of the school's part “What shows it”, and no other. ``given_in`` and
    ``valid_until`` are the first days of months; it has expired when the second month is over.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        sa.CheckConstraint(
            f"kind IN ({', '.join(repr(kind.value) for kind in EvidenceKind)})", name="kind"
        ),
        sa.CheckConstraint("title <> ''", name="has_title"),
        sa.CheckConstraint("link = '' OR link LIKE 'https://%'", name="link"),
        sa.CheckConstraint("valid_until >= given_in", name="valid_until"),
        sa.Index("ix_evidence_school", "school_urn", "given_in"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    kind: Mapped[str] = mapped_column(sa.String(20))
    title: Mapped[str] = mapped_column(sa.String(150))
    given_by: Mapped[str] = mapped_column(sa.String(100))
    given_in: Mapped[date]
    valid_until: Mapped[date | None]
    link: Mapped[str] = mapped_column(sa.String(300))
    note: Mapped[str] = mapped_column(sa.String(300))
    topics: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    """What it speaks for, in the order of the lists of topics; empty for the whole school."""
    added_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    added_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    idempotency_key: Mapped[str] = mapped_column(sa.String(80), unique=True)

    added_by: Mapped[Person] = relationship(lazy="raise_on_sql")

    def has_expired(self, month: date) -> bool:
        """Whether it is over in ``month``, given by any of its days."""
        return self.valid_until is not None and self.valid_until < month.replace(day=1)
