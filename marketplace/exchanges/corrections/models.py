"""Corrections: a school holds another figure right than was paid; the other agrees or not."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.database import Base
from marketplace.exchanges.models import Exchange
from marketplace.schools.models import School


class CorrectionState(StrEnum):
    """The state of a correction.

    ``BEYOND_LIMIT``: both schools want it, and a credit limit is in the way: two people of the
    network may let it through.
    """

    ASKED = "asked"
    BEYOND_LIMIT = "beyond_limit"
    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    DISPUTED = "disputed"


OPEN_CORRECTIONS = (CorrectionState.ASKED, CorrectionState.BEYOND_LIMIT)
_IS_OPEN = sa.text("state IN ('asked', 'beyond_limit')")


class Correction(Base):
    """A figure that a school holds right, instead of the ``paid_minutes`` that were paid.

    ``minutes`` is 0 where nothing was due. ``answered_by_id`` is who agreed or declined for the
    other school, or withdrew it for the same one; nobody, where its time has passed. The ledger
    has reversed ``reversed_transaction_id`` by ``reversal_id``, and paid anew by
    ``transaction_id``.
    """

    __tablename__ = "correction"
    __table_args__ = (
        sa.CheckConstraint(
            f"state IN ({', '.join(repr(state.value) for state in CorrectionState)})",
            name="state",
        ),
        sa.CheckConstraint("minutes >= 0 AND paid_minutes >= 0", name="minutes_not_negative"),
        sa.CheckConstraint("minutes <> paid_minutes", name="another_figure"),
        sa.CheckConstraint("length(reason) > 0", name="has_reason"),
        sa.CheckConstraint("(state = 'asked') = (answered_at IS NULL)", name="answered"),
        sa.CheckConstraint(
            "(state = 'agreed') = (coalesce(reversal_id, transaction_id) IS NOT NULL)",
            name="agreed_has_credits",
        ),
        sa.Index("ix_correction_exchange", "exchange_id", "id"),
        sa.Index("ix_correction_state", "state", "due_at", "id"),
        sa.Index(
            "uq_correction_open",
            "exchange_id",
            unique=True,
            sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exchange_id: Mapped[int] = mapped_column(sa.ForeignKey("exchange.id"))
    state: Mapped[str] = mapped_column(sa.String(12))
    minutes: Mapped[int]
    paid_minutes: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.Text)
    asked_by_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    reversed_transaction_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    reversal_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    transaction_id: Mapped[int | None] = mapped_column(sa.BigInteger)

    exchange: Mapped[Exchange] = relationship(lazy="raise_on_sql")
    asked_by_school: Mapped[School] = relationship(lazy="raise_on_sql")
    asked_by: Mapped[Person] = relationship(lazy="raise_on_sql", foreign_keys=[asked_by_id])
    answered_by: Mapped[Person | None] = relationship(
        lazy="raise_on_sql", foreign_keys=[answered_by_id]
    )

    @property
    def reference(self) -> str:
        """What the keys of its records in the ledger begin with."""
        return f"correction:{self.id}"

    @property
    def is_open(self) -> bool:
        """Whether it is not decided yet."""
        return self.state in OPEN_CORRECTIONS

    @property
    def needs_override(self) -> bool:
        """Whether it waits for two people of the network, who let a credit limit be broken."""
        return self.state == CorrectionState.BEYOND_LIMIT
