"""Disputes: two schools do not agree on what an exchange is worth, and the operator decides."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.database import Base
from marketplace.exchanges.models import Exchange

IS_OPEN = sa.text("ended_at IS NULL")


class Outcome(StrEnum):
    """How a dispute ended."""

    WITHDRAWN = "withdrawn"
    SETTLED = "settled"
    RULED = "ruled"


class Ruling(StrEnum):
    """What the operator decides.

    ``PAY``: the receiver pays a figure. ``SPLIT``: it pays a part, and the network's fund the
    rest. ``VOID``: nothing is due; the hold is released. ``REVERSE``: nothing is due; what was
    paid goes back.
    """

    PAY = "pay"
    SPLIT = "split"
    VOID = "void"
    REVERSE = "reverse"


class Dispute(Base):
    """One dispute over an exchange; the words of both sides are steps of the exchange's history.

    ``opened_by_urn`` is the school that opened it, or for which the operator did (``by_network``).
    ``claimed_minutes`` is what that school holds right, ``answered_minutes`` what the other does,
    ``offer_minutes`` what one of them (``offer_urn``) proposes to settle at. ``adjustment_id`` is
    the adjustment by which two people decide it: while the dispute is open, one has proposed a
    ruling and another has to approve it. ``again_by`` is the side that asked for an earlier ruling
    to be looked at again, which each side may do once.
    """

    __tablename__ = "dispute"
    __table_args__ = (
        sa.CheckConstraint(
            "opened_from IN ('agreed', 'delivered', 'confirmed', 'cancelled')", name="opened"
        ),
        sa.CheckConstraint(
            "claimed_minutes >= 0 AND answered_minutes >= 0 AND offer_minutes >= 0"
            " AND ruled_minutes >= 0 AND fund_minutes >= 0",
            name="minutes_not_negative",
        ),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_minutes IS NULL)", name="answer_has_minutes"
        ),
        sa.CheckConstraint(
            "(offer_urn IS NULL) = (offer_minutes IS NULL)", name="offer_has_minutes"
        ),
        sa.CheckConstraint("outcome IN ('withdrawn', 'settled', 'ruled')", name="outcome"),
        sa.CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended_has_outcome"),
        sa.CheckConstraint("ruling IN ('pay', 'split', 'void', 'reverse')", name="ruling"),
        sa.CheckConstraint(
            "(ruling IS NULL) = (ruled_minutes IS NULL) AND (ruling IS NULL) = (ruled_at IS NULL)"
            " AND (ruling IS NULL) = (ruled_by_id IS NULL)",
            name="ruling_is_whole",
        ),
        sa.CheckConstraint(
            "coalesce(outcome, '') <> 'ruled' OR ruling IS NOT NULL", name="ruled_has_ruling"
        ),
        sa.CheckConstraint(
            "(ruling IS NOT NULL AND ruling = 'split') = (fund_minutes > 0)",
            name="split_has_fund",
        ),
        sa.CheckConstraint("again_by IN ('provider', 'receiver')", name="again_by"),
        sa.Index("ix_dispute_exchange", "exchange_id", "id"),
        sa.Index("ix_dispute_ended", "ended_at", "id"),
        sa.Index(
            "uq_dispute_open",
            "exchange_id",
            unique=True,
            sqlite_where=IS_OPEN,
            postgresql_where=IS_OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exchange_id: Mapped[int] = mapped_column(sa.ForeignKey("exchange.id"))
    opened_by_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    opened_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    by_network: Mapped[bool] = mapped_column(default=False)
    opened_from: Mapped[str] = mapped_column(sa.String(10))
    opened_version: Mapped[int]
    opened_at: Mapped[datetime]
    correction_id: Mapped[int | None]
    """The correction that was not agreed and became this dispute."""
    claimed_minutes: Mapped[int]
    hold_ended_at: Mapped[datetime | None]
    """When the hold would have ended, had the dispute not frozen it."""
    answer_due_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    """When the other side was reminded to answer."""
    answered_at: Mapped[datetime | None]
    answered_minutes: Mapped[int | None]
    unanswered_at: Mapped[datetime | None]
    """When both sides and the operator were told that the answer did not come in time."""
    ruling_due_at: Mapped[datetime]
    overdue_at: Mapped[datetime | None]
    """When all were told that the ruling is overdue."""
    offer_urn: Mapped[int | None] = mapped_column(sa.ForeignKey("school.urn"))
    offer_minutes: Mapped[int | None]
    ruling: Mapped[str | None] = mapped_column(sa.String(10))
    ruled_minutes: Mapped[int | None]
    fund_minutes: Mapped[int] = mapped_column(default=0)
    reasons: Mapped[str] = mapped_column(sa.Text, default="")
    ruled_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    ruled_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(sa.String(10))
    transaction_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    fund_transaction_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    adjustment_id: Mapped[int | None]
    again_by: Mapped[str | None] = mapped_column(sa.String(8))

    exchange: Mapped[Exchange] = relationship(lazy="raise_on_sql")
    ruled_by: Mapped[Person | None] = relationship(lazy="raise_on_sql", foreign_keys=[ruled_by_id])

    @property
    def reference(self) -> str:
        """How the keys of what the ledger records for this dispute begin."""
        return f"dispute:{self.id}"

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None

    @property
    def is_proposed(self) -> bool:
        """Whether a ruling waits for a second person."""
        return self.ended_at is None and self.adjustment_id is not None
