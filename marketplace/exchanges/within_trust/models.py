"""What trusts have decided about help between their schools: the latest row of a trust counts."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.database import Base


class WithinTrustRule(Base):
    """A trust's decision whether help between its schools is free, or costs what two agree."""

    __tablename__ = "within_trust_rule"
    __table_args__ = (sa.Index("ix_within_trust_rule_trust", "trust_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(sa.ForeignKey("trust.id"))
    free: Mapped[bool]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
