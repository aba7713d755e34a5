"""Reviews: what each of the two schools says of an exchange, and what the operator decided."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.database import Base
from marketplace.exchanges.models import Exchange
from marketplace.schools.models import School


class Again(StrEnum):
    """Whether a school would do it again."""

    YES = "yes"
    CHANGED = "changed"
    NO = "no"


class Review(Base):
    """What one school says of an exchange; each of the two says it once.

    Nobody else reads it until ``shown_at``: when both have written, or on ``due_at``. ``effect`` is
    what changed at the school that wrote, ``praise`` what was outstanding about the help. The other
    school may answer once, in ``reply``. ``is_private`` is of what came from a confidential
    request: only the two schools ever read it. ``hidden_because`` is the operator's reason.
    """

    __tablename__ = "review"
    __table_args__ = (
        sa.CheckConstraint("again IN ('yes', 'changed', 'no')", name="again"),
        sa.CheckConstraint("author_urn <> about_urn", name="two_schools"),
        sa.CheckConstraint("(reply = '') = (replied_at IS NULL)", name="reply_has_time"),
        sa.UniqueConstraint("exchange_id", "author_urn"),
        sa.Index("ix_review_about", "about_urn", "id"),
        sa.Index(
            "ix_review_due",
            "due_at",
            sqlite_where=sa.text("shown_at IS NULL"),
            postgresql_where=sa.text("shown_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exchange_id: Mapped[int] = mapped_column(sa.ForeignKey("exchange.id"))
    author_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    about_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    author_gave: Mapped[bool]
    """Whether the school that wrote gave the help, and did not receive it."""
    again: Mapped[str] = mapped_column(sa.String(10))
    effect: Mapped[str] = mapped_column(sa.String(1000))
    praise: Mapped[str] = mapped_column(sa.String(1000))
    is_private: Mapped[bool]
    written_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    written_at: Mapped[datetime]
    due_at: Mapped[datetime]
    shown_at: Mapped[datetime | None]
    reply: Mapped[str] = mapped_column(sa.String(1000), default="")
    replied_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    replied_at: Mapped[datetime | None]
    hidden_because: Mapped[str] = mapped_column(sa.String(1000), default="")
    version: Mapped[int] = mapped_column(default=1)

    exchange: Mapped[Exchange] = relationship(lazy="raise_on_sql")
    author: Mapped[School] = relationship(lazy="raise_on_sql", foreign_keys=[author_urn])
    about: Mapped[School] = relationship(lazy="raise_on_sql", foreign_keys=[about_urn])

    def is_public(self) -> bool:
        """Whether other schools than the two may read it."""
        return self.shown_at is not None and not self.is_private and not self.hidden_because


class ReviewStep(Base):
    """What an operator decided about a review, and why. Never changed."""

    __tablename__ = "review_step"
    __table_args__ = (
        sa.CheckConstraint("decision IN ('hide', 'keep', 'restore')", name="decision"),
        sa.CheckConstraint("length(reason) > 0", name="has_reason"),
        sa.Index("ix_review_step_review", "review_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(sa.ForeignKey("review.id"))
    decision: Mapped[str] = mapped_column(sa.String(10))
    reason: Mapped[str] = mapped_column(sa.String(1000))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise_on_sql")


class ReviewReport(Base):
    """That a school holds a review to be wrong; open until a step decides it."""

    __tablename__ = "review_report"
    __table_args__ = (
        sa.CheckConstraint("length(text) > 0", name="has_text"),
        # A school reports a review once; again only after the operator has decided.
        sa.Index(
            "uq_review_report_open",
            "review_id",
            "school_urn",
            unique=True,
            sqlite_where=sa.text("step_id IS NULL"),
            postgresql_where=sa.text("step_id IS NULL"),
        ),
        sa.Index("ix_review_report_review", "review_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(sa.ForeignKey("review.id"))
    school_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    reporter_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    text: Mapped[str] = mapped_column(sa.String(1000))
    created_at: Mapped[datetime]
    step_id: Mapped[int | None] = mapped_column(sa.ForeignKey("review_step.id"), index=True)

    review: Mapped[Review] = relationship(lazy="raise_on_sql")
    school: Mapped[School] = relationship(lazy="raise_on_sql")
    reporter: Mapped[Person] = relationship(lazy="raise_on_sql")
