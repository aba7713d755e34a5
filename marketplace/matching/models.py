"""What fits what: a new listing and the one of another school that it was told to."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Base


class ListingMatch(Base):
    """A new listing that fits one of another school, which is told of it once."""

    __tablename__ = "listing_match"
    __table_args__ = (
        sa.UniqueConstraint("listing_id", "fitting_id"),
        sa.CheckConstraint("listing_id <> fitting_id", name="two_listings"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listing.id"))
    fitting_id: Mapped[int] = mapped_column(sa.ForeignKey("listing.id"), index=True)
    made_at: Mapped[datetime]
