"""What schools have answered: whether they have hours to give in a half-term."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Base


class Answer(StrEnum):
    """Whether a school has hours to give."""

    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


class TermAnswer(Base):
    """What a school answered for one half-term; the last one counts.

    A school that has no hours says from which day on it may be asked again.
    """

    __tablename__ = "term_answer"
    __table_args__ = (
        sa.CheckConstraint("answer IN ('yes', 'maybe', 'no')", name="answer"),
        sa.CheckConstraint("(answer = 'no') = (ask_again_on IS NOT NULL)", name="asked_again"),
        sa.Index("ix_term_answer_latest", "school_urn", "answered_at"),
    )

    school_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"), primary_key=True)
    half_term: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    answer: Mapped[str] = mapped_column(sa.String(5))
    ask_again_on: Mapped[date | None]
    answered_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    answered_at: Mapped[datetime]
