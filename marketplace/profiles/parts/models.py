"""What a school writes about itself: one row for each part of its page."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.audiences.models import HasAudience, audience_constraints
from marketplace.database import Base
from marketplace.schools.models import School


class PartKind(StrEnum):
    """A part of the page, in the order of the page."""

    OUTSTANDING = "outstanding"
    EVIDENCE = "evidence"
    WELCOME = "welcome"
    CONTACT = "contact"


class ProfilePart(HasAudience, Base):
    """One part that a school wrote, in Markdown, with an audience of its own.

    An empty ``text`` is a part that the school has emptied: nobody sees it.
    """

    __tablename__ = "profile_part"
    __table_args__ = (
        *audience_constraints(),
        sa.CheckConstraint("audience <> 'confidential'", name="not_confidential"),
        sa.CheckConstraint(
            f"kind IN ({', '.join(repr(kind.value) for kind in PartKind)})", name="kind"
        ),
    )

    school_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    text: Mapped[str] = mapped_column(sa.Text)
    written_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    written_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    written_by: Mapped[Person] = relationship(lazy="raise_on_sql")
    school: Mapped[School] = relationship(lazy="raise_on_sql")
