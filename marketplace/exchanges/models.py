"""Exchanges: help that one school gives another, from the proposal to the credits moved."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.conversations.models import Enquiry
from marketplace.database import RIGHTS, Base
from marketplace.exchanges.history_guard import guard
from marketplace.schools.models import School, Trust


class State(StrEnum):
    """The state of an exchange."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    DELIVERED = "delivered"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


OPEN_STATES = (State.PROPOSED, State.AGREED, State.DELIVERED, State.DISPUTED)


class Exchange(Base):
    """One piece of help: ``minutes`` is what is agreed, ``delivered_minutes`` what was given.

    ``awaiting_urn`` is the school that has to act next; ``hold_id`` and ``transaction_id`` are
    the ledger's. ``sent_back_minutes`` is what the provider had stated and the receiver sent back,
    until it is stated anew. ``standing_transaction_id`` is the transaction that counts now, with
    ``standing_minutes`` paid by it: after a correction another one than ``transaction_id``, and
    none where nothing was due. ``topic`` is the first one of the listing when it was proposed, so
    that a statement stays as it is when the listing is changed. ``same_person`` says that one
    person acted for both schools. ``free_trust_id`` is the trust within which the help was
    proposed as free: its minutes are time only, and no credits are held or paid for it. None for
    all other help. It never changes, whatever the trust decides later.
    """

    __tablename__ = "exchange"
    __table_args__ = (
        sa.CheckConstraint(
            f"state IN ({', '.join(repr(state.value) for state in State)})", name="state"
        ),
        sa.CheckConstraint("provider_urn <> receiver_urn", name="two_schools"),
        sa.CheckConstraint("proposed_by_urn IN (provider_urn, receiver_urn)", name="proposer"),
        sa.CheckConstraint("awaiting_urn IN (provider_urn, receiver_urn)", name="awaiting"),
        sa.CheckConstraint("minutes > 0", name="minutes_positive"),
        sa.CheckConstraint(
            "delivered_minutes > 0 AND delivered_minutes <= minutes", name="delivered_within"
        ),
        sa.CheckConstraint(
            "state NOT IN ('agreed', 'delivered') OR hold_id IS NOT NULL"
            " OR free_trust_id IS NOT NULL",
            name="agreed_has_hold",
        ),
        sa.CheckConstraint(
            "state = 'disputed' OR free_trust_id IS NOT NULL"
            " OR (state = 'confirmed') = (transaction_id IS NOT NULL)",
            name="confirmed_has_credits",
        ),
        sa.CheckConstraint(
            "state <> 'disputed' OR hold_id IS NOT NULL OR transaction_id IS NOT NULL",
            name="disputed_has_credits",
        ),
        sa.CheckConstraint(
            "free_trust_id IS NULL OR (hold_id IS NULL AND transaction_id IS NULL)",
            name="free_has_no_credits",
        ),
        sa.CheckConstraint(
            "sent_back_minutes > 0 AND sent_back_minutes <= minutes", name="sent_back_within"
        ),
        sa.CheckConstraint(
            "state NOT IN ('delivered', 'confirmed') OR delivered_minutes IS NOT NULL",
            name="delivered_has_minutes",
        ),
        sa.CheckConstraint(
            "(transaction_id IS NULL) = (standing_minutes IS NULL)", name="paid_has_standing"
        ),
        sa.CheckConstraint(
            "(standing_transaction_id IS NOT NULL) = (coalesce(standing_minutes, 0) > 0)",
            name="standing_has_credits",
        ),
        sa.Index("ix_exchange_provider", "provider_urn", "updated_at", "id"),
        sa.Index("ix_exchange_receiver", "receiver_urn", "updated_at", "id"),
        sa.Index("ix_exchange_state", "state"),
        sa.Index("uq_exchange_standing_transaction_id", "standing_transaction_id", unique=True),
        sa.Index(
            "ix_exchange_same_person",
            "id",
            sqlite_where=sa.text("same_person = 1"),
            postgresql_where=sa.text("same_person"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enquiry_id: Mapped[int] = mapped_column(sa.ForeignKey("enquiry.id"), index=True)
    provider_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    receiver_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    proposed_by_urn: Mapped[int]
    awaiting_urn: Mapped[int | None] = mapped_column(index=True)
    title: Mapped[str] = mapped_column(sa.String(100))
    topic: Mapped[str | None] = mapped_column(sa.String(40))
    details: Mapped[str] = mapped_column(sa.Text)
    minutes: Mapped[int]
    on_date: Mapped[date]
    state: Mapped[str] = mapped_column(sa.String(10))
    version: Mapped[int] = mapped_column(default=1)
    delivered_minutes: Mapped[int | None]
    delivered_on: Mapped[date | None]
    sent_back_minutes: Mapped[int | None]
    hold_id: Mapped[int | None] = mapped_column(sa.BigInteger, unique=True)
    transaction_id: Mapped[int | None] = mapped_column(sa.BigInteger, unique=True)
    standing_transaction_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    standing_minutes: Mapped[int | None]
    same_person: Mapped[bool] = mapped_column(server_default=sa.false(), default=False)
    free_trust_id: Mapped[int | None] = mapped_column(sa.ForeignKey("trust.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    idempotency_key: Mapped[str] = mapped_column(sa.String(80), unique=True)

    enquiry: Mapped[Enquiry] = relationship(lazy="raise_on_sql")
    provider: Mapped[School] = relationship(lazy="raise_on_sql", foreign_keys=[provider_urn])
    receiver: Mapped[School] = relationship(lazy="raise_on_sql", foreign_keys=[receiver_urn])
    free_trust: Mapped[Trust | None] = relationship(lazy="raise_on_sql")

    @property
    def reference(self) -> str:
        """How the ledger names this exchange as the cause of what it records."""
        return f"exchange:{self.id}"

    @property
    def is_free(self) -> bool:
        """Whether no credits are held or paid: ``minutes`` are only the time of the help."""
        return self.free_trust_id is not None

    @property
    def is_sent_back(self) -> bool:
        """Whether what the provider stated was sent back, and it has to state it anew."""
        return self.state == State.AGREED and self.sent_back_minutes is not None

    @property
    def figure(self) -> int:
        """The minutes that count now: those paid, else those delivered, else those agreed.

        Of free help they are time, not credits.
        """
        if self.standing_minutes is not None:
            return self.standing_minutes
        return self.delivered_minutes or self.minutes

    def pay(self, transaction_id: int, minutes: int) -> None:
        """Note that ``minutes`` of what was held have been paid by a transaction of the ledger."""
        self.transaction_id = self.standing_transaction_id = transaction_id
        self.standing_minutes = minutes

    def other_urn(self, urn: int | None) -> int:
        """Return the school on the other side of ``urn``."""
        return self.receiver_urn if urn == self.provider_urn else self.provider_urn


class ExchangeEvent(Base):
    """One step of an exchange's history: what, who, for which school, when. Never changed.

    What the network itself does to an exchange, when a school closes or leaves, no person did. An
    operator's ruling is recorded for the school that opened the dispute.
    ``roles`` are those of the person at that time, in words; null in what was recorded before
    they were.
    """

    __tablename__ = "exchange_event"
    __table_args__ = (
        sa.Index("ix_exchange_event_exchange", "exchange_id", "id"),
        # The guard lets a text be removed, and nothing else.
        {"info": {RIGHTS: "SELECT, INSERT, UPDATE (text)"}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exchange_id: Mapped[int] = mapped_column(sa.ForeignKey("exchange.id"))
    step: Mapped[str] = mapped_column(sa.String(12))
    version: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    school_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(sa.Text, default="")
    minutes: Mapped[int | None]
    on_date: Mapped[date | None]
    roles: Mapped[str | None] = mapped_column(sa.String(200))

    person: Mapped[Person | None] = relationship(lazy="raise_on_sql")
    school: Mapped[School] = relationship(lazy="raise_on_sql")


assert isinstance(ExchangeEvent.__table__, sa.Table)
guard(ExchangeEvent.__table__)
