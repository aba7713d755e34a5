"""What a listing says besides its text: format, length, who and when; of a request, its need."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.database import Base
from marketplace.listings.formats import Format


class Met(StrEnum):
    """How far a request has been met."""

    NOT = "not"
    PART = "part"
    FULLY = "fully"


FORMATS = ", ".join(repr(value.value) for value in Format)


class ListingDetails(Base):
    """The details of one listing; everything in it may be left open.

    ``weekdays`` has a bit for each day, Monday the lowest. A listing without ``expires_on`` stands
    until it is withdrawn. What follows ``for_whom`` is said of requests only.
    """

    __tablename__ = "listing_details"
    __table_args__ = (
        sa.CheckConstraint(f"format IN ({FORMATS})", name="format"),
        sa.CheckConstraint("duration_minutes BETWEEN 1 AND 10080", name="duration"),
        sa.CheckConstraint("capacity BETWEEN 1 AND 1000", name="capacity"),
        sa.CheckConstraint("weekdays BETWEEN 0 AND 31", name="weekdays"),
        sa.CheckConstraint("budget_minutes > 0", name="budget"),
        sa.CheckConstraint("met IN ('not', 'part', 'fully')", name="met"),
        sa.CheckConstraint("(met = 'not') = (met_on IS NULL)", name="met_has_day"),
        sa.CheckConstraint("met <> 'not' OR met_by = ''", name="met_by_somebody"),
        sa.Index("ix_listing_details_expires", "expires_on", "listing_id"),
    )

    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listing.id"), primary_key=True)
    format: Mapped[str | None] = mapped_column(sa.String(20))
    duration_minutes: Mapped[int | None]
    capacity: Mapped[int | None]
    delivered_by: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    weekdays: Mapped[int] = mapped_column(default=0, server_default="0")
    expires_on: Mapped[date | None]
    for_whom: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    tried: Mapped[str] = mapped_column(sa.String(1000), default="", server_default="")
    needed_by: Mapped[date | None]
    budget_minutes: Mapped[int | None]
    met: Mapped[str] = mapped_column(sa.String(6), default=Met.NOT, server_default="not")
    met_by: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    met_on: Mapped[date | None]

    half_terms: Mapped[list[ListingHalfTerm]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="ListingHalfTerm.half_term"
    )
    people: Mapped[list[ListingPerson]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="ListingPerson.person_id"
    )


class ListingHalfTerm(Base):
    """A half-term (a key of ``calendar.half_terms``) in which the help can be given."""

    __tablename__ = "listing_half_term"
    __table_args__ = (sa.Index("ix_listing_half_term_half_term", "half_term", "listing_id"),)

    listing_id: Mapped[int] = mapped_column(
        sa.ForeignKey("listing_details.listing_id"), primary_key=True
    )
    half_term: Mapped[str] = mapped_column(sa.String(6), primary_key=True)


class ListingPerson(Base):
    """A person of the school who gives the help."""

    __tablename__ = "listing_person"

    listing_id: Mapped[int] = mapped_column(
        sa.ForeignKey("listing_details.listing_id"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True, index=True)

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
