"""The operator's own words of the search."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.database import Base

LONGEST_PHRASE = 60


class OwnWord(Base):
    """A phrase that means the same as another one, or a topic; the row stays when it is taken away.

    ``same_as`` or ``topic`` is empty. Phrases are in small letters, their words parted by a space.
    With ``taken_out`` it says the opposite: what the phrase names does not mean the topic, though
    it comes with the product; when that is taken away, it means the topic again.
    """

    __tablename__ = "own_word"
    __table_args__ = (
        sa.CheckConstraint("phrase <> ''", name="phrase"),
        sa.CheckConstraint("(same_as = '') <> (topic = '')", name="one_meaning"),
        sa.CheckConstraint("same_as <> phrase", name="another_phrase"),
        sa.CheckConstraint("NOT taken_out OR topic <> ''", name="taken_out_of_topic"),
        sa.CheckConstraint("(taken_away_at IS NULL) = (taken_away_by_id IS NULL)", name="end"),
        sa.Index(
            "uq_own_word_current",
            "phrase",
            "same_as",
            "topic",
            unique=True,
            sqlite_where=sa.text("taken_away_at IS NULL"),
            postgresql_where=sa.text("taken_away_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    phrase: Mapped[str] = mapped_column(sa.String(LONGEST_PHRASE))
    same_as: Mapped[str] = mapped_column(sa.String(LONGEST_PHRASE))
    topic: Mapped[str] = mapped_column(sa.String(40))
    taken_out: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    added_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    added_at: Mapped[datetime]
    taken_away_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    taken_away_at: Mapped[datetime | None]
    idempotency_key: Mapped[str] = mapped_column(sa.String(80), unique=True)

    added_by: Mapped[Person] = relationship(lazy="raise_on_sql", foreign_keys=[added_by_id])
    taken_away_by: Mapped[Person | None] = relationship(
        lazy="raise_on_sql", foreign_keys=[taken_away_by_id]
    )
