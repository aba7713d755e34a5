"""The tariff that the operator keeps, and the usual hours by topic, which a job keeps."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Base


class Unit(StrEnum):
    """What a rate is for."""

    HOUR = "hour"
    HALF_DAY = "half_day"
    DAY = "day"


class Grade(StrEnum):
    """Who gives the help."""

    COLLEAGUE = "colleague"
    SPECIALIST = "specialist"
    EXPERT = "expert"


class Source(StrEnum):
    """What usual hours are made of."""

    AGREED = "agreed"
    LISTED = "listed"


class Tariff(Base):
    """The tariff of the network: its note for schools, and who changed it last. There is one."""

    __tablename__ = "tariff"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    note: Mapped[str] = mapped_column(sa.String(1000))
    version: Mapped[int]
    changed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    changed_at: Mapped[datetime]


class TariffRate(Base):
    """How many minutes of credits one unit of help by a colleague of this grade should cost."""

    __tablename__ = "tariff_rate"
    __table_args__ = (
        sa.CheckConstraint("unit IN ('hour', 'half_day', 'day')", name="unit"),
        sa.CheckConstraint("grade IN ('colleague', 'specialist', 'expert')", name="grade"),
        sa.CheckConstraint("minutes > 0", name="minutes_positive"),
    )

    unit: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    grade: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    minutes: Mapped[int]


class UsualHours(Base):
    """What help on a topic usually costs, in minutes: the median, and what most lies between.

    ``number`` is of how many exchanges or listings (``source``) it is made.
    """

    __tablename__ = "usual_hours"
    __table_args__ = (
        sa.CheckConstraint("source IN ('agreed', 'listed')", name="source"),
        sa.CheckConstraint("0 < low AND low <= median AND median <= high", name="in_order"),
        sa.CheckConstraint("number > 0", name="number_positive"),
    )

    topic: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    source: Mapped[str] = mapped_column(sa.String(10))
    number: Mapped[int]
    low: Mapped[int]
    median: Mapped[int]
    high: Mapped[int]
    kept_at: Mapped[datetime]
