"""Adjustments by two people, and the trail of what each did; the trail is never changed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.database import RIGHTS, Base, append_only
from marketplace.schools.models import School

LONGEST_REASON = 500
LONGEST_EVIDENCE = 1000
LONGEST_SOURCE = 200
KEPT_DAYS = 36500
"""How long the database keeps a line of the trail from being deleted: a hundred years."""


class AdjustmentState(StrEnum):
    """Where an adjustment stands."""

    PROPOSED = "proposed"
    """One person has proposed it, and another has to approve it."""
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    """It was done at once, nobody confirmed it in time, and it has been undone."""


class Step(StrEnum):
    """What was done about an adjustment."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


def _one_of(column: str, values: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


_IS_OPEN = sa.text("state = 'proposed'")


class Adjustment(Base):
    """What one person proposes about a school, and another approves or refuses.

    ``details`` is what the kind needs to carry it out; ``subject`` is what it is about, of which
    only one proposal is open at a time. ``figures`` is what the proposer saw: a list of what, how
    it was, and how it would be. ``confirm_by`` is set if it was done at once, by one person: until
    then another one has to confirm it.
    """

    __tablename__ = "adjustment"
    __table_args__ = (
        sa.CheckConstraint(_one_of("state", AdjustmentState), name="state"),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL)", name="decided_has_instant"
        ),
        sa.CheckConstraint(
            "(decided_by_id IS NULL) = (state IN ('proposed', 'lapsed'))",
            name="decided_has_person",
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR (decided_by_id = proposed_by_id) = (state = 'withdrawn')",
            name="two_people",
        ),
        sa.CheckConstraint("state <> 'lapsed' OR confirm_by IS NOT NULL", name="lapses"),
        sa.Index(
            "uq_adjustment_open",
            "subject",
            unique=True,
            postgresql_where=_IS_OPEN,
            sqlite_where=_IS_OPEN,
        ),
        sa.Index("ix_adjustment_school", "school_urn", "id"),
        sa.Index("ix_adjustment_other", "other_urn", "id"),
        # A number stands in the ledger for ever, so it is never used again.
        {
            "sqlite_autoincrement": True,
            "info": {RIGHTS: "SELECT, INSERT, UPDATE (state, decided_by_id, decided_at)"},
        },
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    state: Mapped[str] = mapped_column(sa.String(10))
    subject: Mapped[str] = mapped_column(sa.String(60))
    school_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    other_urn: Mapped[int | None] = mapped_column(sa.ForeignKey("school.urn"))
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    figures: Mapped[list[list[str]]] = mapped_column(sa.JSON)
    reason: Mapped[str] = mapped_column(sa.String(LONGEST_REASON))
    evidence: Mapped[str] = mapped_column(sa.String(LONGEST_EVIDENCE))
    evidence_source: Mapped[str] = mapped_column(sa.String(LONGEST_SOURCE))
    proposed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    confirm_by: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    idempotency_key: Mapped[str] = mapped_column(sa.String(80), unique=True)

    school: Mapped[School] = relationship(lazy="raise_on_sql", foreign_keys=[school_urn])
    other: Mapped[School | None] = relationship(lazy="raise_on_sql", foreign_keys=[other_urn])
    proposed_by: Mapped[Person] = relationship(lazy="raise_on_sql", foreign_keys=[proposed_by_id])
    decided_by: Mapped[Person | None] = relationship(
        lazy="raise_on_sql", foreign_keys=[decided_by_id]
    )

    @property
    def reference(self) -> str:
        """How the ledger names this adjustment as the cause of what it records."""
        return f"adjustment:{self.id}"

    @property
    def is_open(self) -> bool:
        """Whether another person has yet to decide."""
        return self.state == AdjustmentState.PROPOSED


class AdjustmentEvent(Base):
    """One line of an adjustment's trail: who did what, why, and how it was before and after.

    ``figures`` are those of that instant, ``transactions`` the ledger's numbers of what was
    recorded. ``person_id`` is null for what a job did because nobody confirmed in time.
    """

    __tablename__ = "adjustment_event"
    __table_args__ = (
        sa.CheckConstraint(_one_of("step", Step), name="step"),
        sa.CheckConstraint("(person_id IS NULL) = (step = 'lapsed')", name="has_person"),
        sa.Index("ix_adjustment_event_adjustment", "adjustment_id", "id"),
        {"sqlite_autoincrement": True, "info": {RIGHTS: "SELECT, INSERT"}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    adjustment_id: Mapped[int] = mapped_column(sa.ForeignKey("adjustment.id"))
    step: Mapped[str] = mapped_column(sa.String(10))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(sa.String(LONGEST_REASON))
    evidence: Mapped[str] = mapped_column(sa.String(LONGEST_EVIDENCE))
    evidence_source: Mapped[str] = mapped_column(sa.String(LONGEST_SOURCE))
    figures: Mapped[list[list[str]]] = mapped_column(sa.JSON)
    transactions: Mapped[list[int]] = mapped_column(sa.JSON)

    person: Mapped[Person | None] = relationship(lazy="raise_on_sql")


append_only(AdjustmentEvent, "the trail of adjustments", "at", days=KEPT_DAYS)
