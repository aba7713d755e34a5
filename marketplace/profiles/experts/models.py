"""The directory of expertise: what a colleague is good at, at one school, for an audience."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.audiences.models import HasAudience, audience_constraints
from marketplace.database import Base
from marketplace.schools.models import School


class LabelKind(StrEnum):
    """What a label of an expertise says."""

    TOPIC = "topic"
    PHASE = "phase"
    ROLE = "role"
    LANGUAGE = "language"


class AskedBy(StrEnum):
    """Who may ask, among those who see the entry."""

    EVERYONE = "everyone"
    TRUST = "trust"
    SCHOOL = "school"
    NOBODY = "nobody"


class Expertise(HasAudience, Base):
    """One thing that a person is good at, at one school.

    It is *shared* once the person has said so (``accepted_at``). Until then it is a suggestion of
    ``suggested_by_id``, which others cannot see. ``contact`` is how the person wants to be reached
    by those who may ask (``asked_by``); empty, they ask at the school.
    """

    __tablename__ = "expertise"
    __table_args__ = (
        *audience_constraints(),
        sa.CheckConstraint("audience <> 'confidential'", name="not_confidential"),
        sa.CheckConstraint(
            f"asked_by IN ({', '.join(repr(asked_by.value) for asked_by in AskedBy)})",
            name="asked_by",
        ),
        sa.CheckConstraint(
            "accepted_at IS NOT NULL OR suggested_by_id IS NOT NULL", name="shared_or_suggested"
        ),
        sa.CheckConstraint(
            "accepted_at IS NOT NULL OR asked_by = 'nobody'", name="asked_if_shared"
        ),
        sa.Index("ix_expertise_school", "school_urn", "accepted_at"),
        sa.Index("ix_expertise_person", "person_id", "school_urn"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    school_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    words: Mapped[str] = mapped_column(sa.String(300))
    contact: Mapped[str] = mapped_column(sa.String(200))
    asked_by: Mapped[str] = mapped_column(
        sa.String(10), default=AskedBy.NOBODY.value, server_default=AskedBy.NOBODY.value
    )
    suggested_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    accepted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    idempotency_key: Mapped[str] = mapped_column(sa.String(80), unique=True)

    person: Mapped[Person] = relationship(lazy="raise_on_sql", foreign_keys=[person_id])
    suggested_by: Mapped[Person | None] = relationship(
        lazy="raise_on_sql", foreign_keys=[suggested_by_id]
    )
    school: Mapped[School] = relationship(lazy="raise_on_sql")
    labels: Mapped[list[ExpertiseLabel]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan"
    )

    def values(self, kind: LabelKind) -> tuple[str, ...]:
        """Return the values of its labels of one kind, in the order of the alphabet."""
        return tuple(sorted(label.value for label in self.labels if label.kind == kind))


class ExpertiseLabel(Base):
    """A topic, a phase, a role or a language of an expertise; all but the last are slugs."""

    __tablename__ = "expertise_label"
    __table_args__ = (
        sa.CheckConstraint(
            f"kind IN ({', '.join(repr(kind.value) for kind in LabelKind)})", name="kind"
        ),
        sa.CheckConstraint("length(value) > 0", name="has_value"),
        sa.Index("ix_expertise_label_value", "kind", "value", "expertise_id"),
    )

    expertise_id: Mapped[int] = mapped_column(
        sa.ForeignKey("expertise.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    value: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
