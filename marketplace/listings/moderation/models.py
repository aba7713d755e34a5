"""Reports of listings, and what the operator decided: the trail."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.database import Base
from marketplace.listings.models import Listing
from marketplace.schools.models import School


class ReportReason(StrEnum):
    """Why a listing is reported."""

    PERSONAL = "personal"
    OFFENSIVE = "offensive"
    WRONG = "wrong"
    NOTHING = "nothing"
    SELLING = "selling"
    OTHER = "other"


class Decision(StrEnum):
    """What the operator does about a listing."""

    HIDE = "hide"
    KEEP = "keep"
    RESTORE = "restore"


class ModerationStep(Base):
    """What an operator decided about a listing, and why. Never changed."""

    __tablename__ = "moderation_step"
    __table_args__ = (
        sa.CheckConstraint("decision IN ('hide', 'keep', 'restore')", name="decision"),
        sa.CheckConstraint("length(reason) > 0", name="has_reason"),
        sa.Index("ix_moderation_step_listing", "listing_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listing.id"))
    decision: Mapped[str] = mapped_column(sa.String(10))
    reason: Mapped[str] = mapped_column(sa.String(1000))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise_on_sql")


class ListingReport(Base):
    """That a school holds another one's listing to be wrong; open until a step decides it."""

    __tablename__ = "listing_report"
    __table_args__ = (
        sa.CheckConstraint(
            "reason IN ('personal', 'offensive', 'wrong', 'nothing', 'selling', 'other')",
            name="reason",
        ),
        # A school reports a listing once; again only after the operator has decided.
        sa.Index(
            "uq_listing_report_open",
            "listing_id",
            "school_urn",
            unique=True,
            sqlite_where=sa.text("step_id IS NULL"),
            postgresql_where=sa.text("step_id IS NULL"),
        ),
        sa.Index("ix_listing_report_listing", "listing_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listing.id"))
    school_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    reporter_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.String(10))
    text: Mapped[str] = mapped_column(sa.String(1000))
    created_at: Mapped[datetime]
    step_id: Mapped[int | None] = mapped_column(sa.ForeignKey("moderation_step.id"), index=True)

    listing: Mapped[Listing] = relationship(lazy="raise_on_sql")
    school: Mapped[School] = relationship(lazy="raise_on_sql")
    reporter: Mapped[Person] = relationship(lazy="raise_on_sql")
    step: Mapped[ModerationStep | None] = relationship(lazy="raise_on_sql")
