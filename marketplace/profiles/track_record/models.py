"""A school's track record: figures that are counted by the worker, and kept."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Base


class TrackRecord(Base):
    """What a school gave and received within a year, and how fast it answers.

    The figures of a year, as whole hours on the page, tell nothing of a balance.
    ``answer_minutes`` is the median time to the first answer, of ``answers`` enquiries.
    """

    __tablename__ = "track_record"
    __table_args__ = (
        sa.CheckConstraint(
            "minutes_given >= 0 AND minutes_received >= 0 AND given >= 0 AND received >= 0"
            " AND answers >= 0 AND partners_again >= 0 AND partners_again <= partners",
            name="counts",
        ),
        sa.CheckConstraint("opinions_again >= 0 AND opinions_again <= opinions", name="opinions"),
        sa.CheckConstraint("(answer_minutes IS NULL) = (answers = 0)", name="median_of_answers"),
    )

    school_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"), primary_key=True)
    given: Mapped[int]
    """How many exchanges it gave."""
    received: Mapped[int]
    minutes_given: Mapped[int]
    minutes_received: Mapped[int]
    minutes_by_topic: Mapped[dict[str, int]] = mapped_column(
        sa.JSON, default=dict, server_default=sa.text("'{}'")
    )
    """Of ``minutes_given``, by the first topic of each listing; what has none is left out."""
    partners: Mapped[int]
    """With how many schools it exchanged."""
    partners_again: Mapped[int]
    """How many of these came more than once."""
    answers: Mapped[int]
    answer_minutes: Mapped[int | None]
    opinions: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many schools say something about it that everybody may read, whenever it was."""
    opinions_again: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many of these would do it again."""
    counted_at: Mapped[datetime]
