"""Drafts: listings that are not posted yet, as they were typed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.database import Base


class ListingDraft(Base):
    """What somebody has typed into the form of a new listing; nothing in it has been checked.

    ``typed`` has the values of each field by its name. Everybody of the school who may post sees
    it. ``idempotency_key`` is that of the form in which it was begun.
    """

    __tablename__ = "listing_draft"
    __table_args__ = (sa.Index("ix_listing_draft_school", "school_urn", "updated_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(100))
    typed: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    idempotency_key: Mapped[str] = mapped_column(sa.String(80), unique=True)

    author: Mapped[Person] = relationship(lazy="raise_on_sql")
