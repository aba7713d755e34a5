"""What trusts allow: a row for each decision, of which the latest counts."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.database import Base


class SamePersonRule(Base):
    """A trust's decision whether one person may act for two of its schools in one exchange."""

    __tablename__ = "same_person_rule"
    __table_args__ = (sa.Index("ix_same_person_rule_trust", "trust_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(sa.ForeignKey("trust.id"))
    allowed: Mapped[bool]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
