"""Claims: a person says that they may act for a school of the register."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.accounts.roles import Role
from marketplace.database import Base
from marketplace.schools.models import School


class ClaimState(StrEnum):
    """How far a claim has come; the values are stored."""

    SENT = "sent"
    """A link has been e-mailed to the address, and nobody has confirmed it yet."""
    REPLACED = "replaced"
    """The same address has claimed the school again, which ended the link."""
    WAITING = "waiting"
    """The address is confirmed and not at the school's own domain: the operator decides."""
    ACCEPTED = "accepted"
    """The person has become the school's administrator."""
    REFUSED = "refused"
    """The operator has refused it."""
    OVERTAKEN = "overtaken"
    """The school got an administrator in another way before this was decided."""
    ASKED = "asked"
    """The school takes part already: its administrators were asked to add the person."""

    @property
    def label(self) -> str:
        """What the operator reads."""
        return _LABELS[self]


_LABELS = {
    ClaimState.SENT: "Not confirmed",
    ClaimState.REPLACED: "Claimed again",
    ClaimState.WAITING: "To be decided",
    ClaimState.ACCEPTED: "Approved",
    ClaimState.REFUSED: "Refused",
    ClaimState.OVERTAKEN: "Someone else was first",
    ClaimState.ASKED: "Passed on to the school",
}


class Claim(Base):
    """One person's claim for one school.

    ``token_hash`` is the SHA-256 of the secret in the link that confirms the address; it is there
    only while the link can be used. ``roles`` are those asked for, with spaces between them.
    """

    __tablename__ = "claim"
    __table_args__ = (
        sa.CheckConstraint(
            f"state IN ({', '.join(repr(state.value) for state in ClaimState)})", name="state"
        ),
        sa.CheckConstraint("(state = 'sent') = (token_hash IS NOT NULL)", name="sent_has_link"),
        sa.CheckConstraint(
            "token_hash IS NULL OR link_expires_at IS NOT NULL", name="link_expires"
        ),
        sa.CheckConstraint(
            "state <> 'accepted' OR person_id IS NOT NULL", name="accepted_has_person"
        ),
        sa.CheckConstraint(
            "state <> 'refused' OR (decided_at IS NOT NULL AND reason IS NOT NULL)",
            name="refused_has_reason",
        ),
        sa.Index("ix_claim_email_created_at", "email", "created_at"),
        sa.Index("ix_claim_network_address_created_at", "network_address", "created_at"),
        sa.Index("ix_claim_state_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"), index=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    job: Mapped[str] = mapped_column(sa.String(100))
    email: Mapped[str] = mapped_column(sa.String(254))
    roles: Mapped[str] = mapped_column(sa.String(60))
    state: Mapped[str] = mapped_column(sa.String(10))
    network_address: Mapped[str] = mapped_column(sa.String(45))
    created_at: Mapped[datetime]
    token_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    link_expires_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """The operator; null where the school's own domain decided."""
    reason: Mapped[str | None] = mapped_column(sa.String(1000))
    """How the operator checked the claim, or why it was refused."""
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """The account that became the administrator."""
    idempotency_key: Mapped[str] = mapped_column(sa.String(60), unique=True)

    school: Mapped[School] = relationship(lazy="raise_on_sql")
    decided_by: Mapped[Person | None] = relationship(
        lazy="raise_on_sql", foreign_keys=[decided_by_id]
    )

    @property
    def asked_roles(self) -> frozenset[Role]:
        """The roles that the person asks for."""
        return frozenset(Role(role) for role in self.roles.split())
