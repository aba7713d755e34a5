"""Invitations to a school's people."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.database import Base
from marketplace.schools.models import School, Trust


class Invitation(Base):
    """An address that was asked to join a school, or the network, in some roles.

    It joins by a link that works once, with a random token whose SHA-256 stands here. ``trust_id``
    is set if a role is for the whole trust. An invitation is open until it
    is accepted, taken back, replaced by a later one, or past ``expires_at``; a school has at most
    one for an address that has not been accepted, taken back or replaced. Without a school it is
    to the network's own staff.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        sa.CheckConstraint("accepted_at IS NULL OR revoked_at IS NULL", name="one_end"),
        sa.CheckConstraint(
            "(accepted_at IS NULL) = (accepted_by_id IS NULL)", name="accepted_by_a_person"
        ),
        sa.CheckConstraint("email = lower(email)", name="email_lower_case"),
        sa.CheckConstraint("school_urn IS NOT NULL OR trust_id IS NULL", name="trust_by_school"),
        sa.Index(
            "uq_invitation_open",
            "school_urn",
            "email",
            unique=True,
            sqlite_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL"),
            postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL"),
        ),
        sa.Index("ix_invitation_school_urn_created_at", "school_urn", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_urn: Mapped[int | None] = mapped_column(sa.ForeignKey("school.urn"))
    trust_id: Mapped[int | None] = mapped_column(sa.ForeignKey("trust.id"))
    email: Mapped[str] = mapped_column(sa.String(254), index=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    roles: Mapped[str] = mapped_column(sa.String(100))
    """The roles, with spaces between: at the school, for its trust, or for the network."""
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    invited_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime]
    """When the link that works now was sent."""
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    revoked_at: Mapped[datetime | None]

    school: Mapped[School | None] = relationship(lazy="raise_on_sql")
    trust: Mapped[Trust | None] = relationship(lazy="raise_on_sql")
    invited_by: Mapped[Person] = relationship(lazy="raise_on_sql", foreign_keys=[invited_by_id])

    @property
    def place(self) -> str:
        """Where the person is invited to, in words; it needs ``school``."""
        return self.school.name if self.school is not None else "the network’s staff"
