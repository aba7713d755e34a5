"""Offers and requests: what a school can do for others, and what it is looking for."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.audiences.models import HasAudience, audience_constraints
from marketplace.database import Base
from marketplace.schools.models import School


class Kind(StrEnum):
    """Whether a listing gives or seeks."""

    OFFER = "offer"
    REQUEST = "request"


class Mode(StrEnum):
    """Where the help happens."""

    ON_SITE = "on_site"
    AT_OURS = "at_ours"
    ONLINE = "online"


class ListingStatus(StrEnum):
    """Open for enquiries, taken down by its school, or hidden by the network’s operator."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"
    HIDDEN = "hidden"


def _one_of(column: str, values: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


class Listing(HasAudience, Base):
    """One offer or request of a school; ``minutes`` is its suggested cost."""

    __tablename__ = "listing"
    __table_args__ = (
        sa.CheckConstraint(_one_of("kind", Kind), name="kind"),
        sa.CheckConstraint(_one_of("mode", Mode), name="mode"),
        *audience_constraints(),
        # Only who looks for something can be asked about without a name.
        sa.CheckConstraint(
            "audience <> 'confidential' OR kind = 'request'", name="confidential_requests"
        ),
        sa.CheckConstraint(_one_of("status", ListingStatus), name="status"),
        sa.CheckConstraint("minutes > 0", name="minutes_positive"),
        # Requests tell what a school lacks, so they never go to the public.
        sa.CheckConstraint(
            "NOT public OR (kind = 'offer' AND audience = 'national' AND audience_only = 0"
            " AND status = 'open')",
            name="public_offers",
        ),
        # For the newest open listings of a kind, with which every search begins.
        sa.Index("ix_listing_newest", "status", "kind", "id"),
        sa.Index("ix_listing_latest", "status", "id"),
        sa.Index("ix_listing_school", "school_urn", "status", "id"),
        sa.Index(
            "ix_listing_public",
            "id",
            sqlite_where=sa.text("public = 1"),
            postgresql_where=sa.text("public"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(10))
    school_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(100))
    description: Mapped[str] = mapped_column(sa.Text)
    mode: Mapped[str] = mapped_column(sa.String(10))
    minutes: Mapped[int]
    public: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Whether anybody on the web may read its title, topics, phases and school."""
    status: Mapped[str] = mapped_column(sa.String(10), default=ListingStatus.OPEN)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    idempotency_key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    times_given: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often an offer was given; kept when the track record of its school is counted."""
    last_given_on: Mapped[date | None]

    school: Mapped[School] = relationship(lazy="raise_on_sql")
    topics: Mapped[list[ListingTopic]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="ListingTopic.topic"
    )
    phases: Mapped[list[ListingPhase]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan"
    )


class ListingTopic(Base):
    """A topic (a slug of ``topics.current_topics()``) a listing is about."""

    __tablename__ = "listing_topic"
    __table_args__ = (sa.Index("ix_listing_topic_topic", "topic", "listing_id"),)

    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listing.id"), primary_key=True)
    topic: Mapped[str] = mapped_column(sa.String(40), primary_key=True)


class ListingPhase(Base):
    """A phase (a slug of ``topics.PHASES``) a listing is for."""

    __tablename__ = "listing_phase"
    __table_args__ = (sa.Index("ix_listing_phase_phase", "phase", "listing_id"),)

    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listing.id"), primary_key=True)
    phase: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
