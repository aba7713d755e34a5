"""What the operator lets through although an account is frozen."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.database import Base

_IS_UNUSED = sa.text("used_at IS NULL")


class SettlementPermit(Base):
    """The operator's leave, with a reason, to confirm one exchange although an account is frozen.

    The confirmation uses it up (``used_at``). Hours that are stated anew end it as well: it was
    given for others.
    """

    __tablename__ = "settlement_permit"
    __table_args__ = (
        sa.CheckConstraint("length(reason) > 0", name="has_reason"),
        sa.Index(
            "uq_settlement_permit_unused",
            "exchange_id",
            unique=True,
            sqlite_where=_IS_UNUSED,
            postgresql_where=_IS_UNUSED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exchange_id: Mapped[int] = mapped_column(sa.ForeignKey("exchange.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(sa.String(500))
    at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
