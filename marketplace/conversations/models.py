"""Enquiries: a school writes to another about a listing; one thread for each school and listing."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.database import Base
from marketplace.listings.models import Listing
from marketplace.schools.models import School


class Enquiry(Base):
    """The conversation of one asking school with the school behind a listing.

    ``awaiting_urn`` is the school whose answer is awaited: the one that did not write last.
    """

    __tablename__ = "enquiry"
    __table_args__ = (
        sa.UniqueConstraint("listing_id", "asking_urn"),
        sa.CheckConstraint("asking_urn <> owner_urn", name="two_schools"),
        sa.CheckConstraint("awaiting_urn IN (asking_urn, owner_urn)", name="awaiting_a_party"),
        sa.Index("ix_enquiry_asking", "asking_urn", "last_at", "id"),
        sa.Index("ix_enquiry_owner", "owner_urn", "last_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listing.id"))
    asking_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    owner_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    awaiting_urn: Mapped[int | None] = mapped_column(index=True)
    created_at: Mapped[datetime]
    last_at: Mapped[datetime]

    listing: Mapped[Listing] = relationship(lazy="raise_on_sql")
    asking: Mapped[School] = relationship(lazy="raise_on_sql", foreign_keys=[asking_urn])
    owner: Mapped[School] = relationship(lazy="raise_on_sql", foreign_keys=[owner_urn])

    def other_urn(self, urn: int) -> int:
        """Return the URN of the school on the other side of the conversation."""
        return self.owner_urn if urn == self.asking_urn else self.asking_urn

    def other(self, urn: int) -> School:
        """Return the school on the other side of the conversation."""
        return self.owner if urn == self.asking_urn else self.asking


class Message(Base):
    """One message; it is never changed."""

    __tablename__ = "message"
    __table_args__ = (
        sa.Index("ix_message_thread", "enquiry_id", "id"),
        # For the limits on writing.
        sa.Index("ix_message_author", "author_id", "created_at"),
        sa.Index("ix_message_school", "school_urn", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enquiry_id: Mapped[int] = mapped_column(sa.ForeignKey("enquiry.id"))
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    school_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    body: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime]
    idempotency_key: Mapped[str] = mapped_column(sa.String(80), unique=True)

    author: Mapped[Person] = relationship(lazy="raise_on_sql")
