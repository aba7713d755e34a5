"""Proposals to close a period, and what was still open when it was closed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.database import Base

LONGEST_REASON = 1000


class PeriodClosing(Base):
    """That the books are to be closed through ``ends_on``, or were.

    ``reason`` says why whatever is still open may stay so. ``checks`` is the checklist as the
    person who closed saw it: each label with its count. The closing itself is the ledger's.
    """

    __tablename__ = "period_closing"
    __table_args__ = (
        sa.CheckConstraint("closed_by_id <> proposed_by_id", name="two_people"),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by_id IS NULL)", name="closed_by_somebody"
        ),
        sa.CheckConstraint("closed_at IS NULL OR withdrawn_at IS NULL", name="one_end"),
        sa.Index(
            "uq_period_closing_open",
            "ends_on",
            unique=True,
            postgresql_where=sa.text("withdrawn_at IS NULL"),
            sqlite_where=sa.text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ends_on: Mapped[date]
    reason: Mapped[str] = mapped_column(sa.String(LONGEST_REASON))
    proposed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    closed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    closed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    checks: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)

    proposed_by: Mapped[Person] = relationship(lazy="raise_on_sql", foreign_keys=[proposed_by_id])
    closed_by: Mapped[Person | None] = relationship(
        lazy="raise_on_sql", foreign_keys=[closed_by_id]
    )
