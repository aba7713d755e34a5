"""What the operator said of topics and groups, one row for each time."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.database import Base
from marketplace.listings.topics import LONGEST_NAME, LONGEST_SLUG


class TopicChange(Base):
    """What a topic or a group is from then on; the one with the highest number holds.

    ``group_slug`` is empty for a group itself, ``successor`` where a topic leads to none.
    """

    __tablename__ = "topic_change"
    __table_args__ = (
        sa.UniqueConstraint("slug", "number"),
        sa.CheckConstraint("slug <> ''", name="slug"),
        sa.CheckConstraint("name <> ''", name="name"),
        sa.CheckConstraint("number > 0", name="number"),
        sa.CheckConstraint("successor = '' OR retired", name="successor"),
        sa.CheckConstraint("successor <> slug", name="another_topic"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(LONGEST_SLUG))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))
    group_slug: Mapped[str] = mapped_column(sa.String(LONGEST_SLUG))
    retired: Mapped[bool]
    successor: Mapped[str] = mapped_column(sa.String(LONGEST_SLUG))
    changed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    changed_at: Mapped[datetime]
    idempotency_key: Mapped[str] = mapped_column(sa.String(80), unique=True)

    changed_by: Mapped[Person] = relationship(lazy="raise_on_sql")
