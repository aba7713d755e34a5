"""Which schools were asked about a confidential request, and what became of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.database import Base
from marketplace.listings.models import Listing
from marketplace.schools.models import School


class AskState(StrEnum):
    """Where an ask stands."""

    ASKED = "asked"
    WILLING = "willing"
    """The school would help; the other one has to agree as well."""
    DECLINED = "declined"
    INTRODUCED = "introduced"
    """Both agreed: they know each other's names, and a conversation is open."""
    PASSED_OVER = "passed_over"
    """The school would help, and the other one does not want it to."""


class ConfidentialAsk(Base):
    """One school that was asked, without a name, whether it would help with a request."""

    __tablename__ = "confidential_ask"
    __table_args__ = (
        sa.CheckConstraint(
            f"state IN ({', '.join(repr(state.value) for state in AskState)})", name="state"
        ),
        sa.CheckConstraint("(state = 'asked') = (answered_at IS NULL)", name="answered"),
        sa.CheckConstraint(
            "(state IN ('introduced', 'passed_over')) = (decided_at IS NOT NULL)", name="decided"
        ),
        sa.CheckConstraint(
            "(state = 'introduced') = (enquiry_id IS NOT NULL)", name="introduced_in_enquiry"
        ),
        sa.UniqueConstraint("listing_id", "school_urn"),
        sa.Index("ix_confidential_ask_school", "school_urn", "state", "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listing.id"))
    school_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    state: Mapped[str] = mapped_column(sa.String(15), default=AskState.ASKED)
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    enquiry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("enquiry.id"), unique=True)

    listing: Mapped[Listing] = relationship(lazy="raise_on_sql")
    school: Mapped[School] = relationship(lazy="raise_on_sql")
