"""The downloads of the journal: who asked for each, of what, and how far it is; kept for a day."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Base


class ExportRun(Base):
    """One download; nothing of the file itself is kept.

    ``filters`` are the parameters of the journal's page, ``total`` is how many records fitted when
    it was asked for, ``done`` how many have been read since it was begun for the last time.
    """

    __tablename__ = "export_run"
    __table_args__ = (
        sa.CheckConstraint("form IN ('csv', 'xlsx', 'hledger', 'beancount')", name="form"),
        sa.CheckConstraint("finished_at IS NULL OR begun_at IS NOT NULL", name="begun"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    asked_at: Mapped[datetime]
    form: Mapped[str] = mapped_column(sa.String(10))
    filters: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    begun_at: Mapped[datetime | None]
    progress_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    @property
    def percent(self) -> int:
        """How many of the records are read, of a hundred; never more, if some came meanwhile."""
        return min(100, 100 * self.done // self.total) if self.total else 0
