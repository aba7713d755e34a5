"""What providers call the people who sign in here."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Base


class Identity(Base):
    """A person's account at a provider, connected with their account here."""

    __tablename__ = "identity"
    __table_args__ = (sa.UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    provider: Mapped[str] = mapped_column(sa.String(20))
    """The provider's name in the settings, such as “google”."""
    issuer: Mapped[str] = mapped_column(sa.String(255))
    subject: Mapped[str] = mapped_column(sa.String(255))
    email: Mapped[str] = mapped_column(sa.String(254))
    """The address there, so that the person recognises it; nothing depends on it."""
    connected_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
