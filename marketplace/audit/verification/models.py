"""The verifications: who asked for each, how far it is, and what came of it, kept for ever."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.database import RIGHTS, Base

TABLE = "verification_run"


class Result(StrEnum):
    """What came of a verification; the values are stored."""

    SOUND = "sound"
    FAULTS = "faults"
    BROKEN_OFF = "broken_off"
    """It could not be finished; ``problem`` says why."""


class VerificationRun(Base):
    """One verification; ``asked_by_id`` is null for those of the schedule.

    Only one is open at a time: it holds the one ``open_slot``. Once it has finished, nothing of
    it changes. ``faults`` are the first ones, each with kind, subject and message, in the
    ledger's own words; ``fault_count`` counts all. ``head`` is the number of the newest record at
    the beginning, ``seal_number`` and ``seal_hash`` are those of the newest seal then.
    """

    __tablename__ = TABLE
    __table_args__ = (
        sa.CheckConstraint("result IN ('sound', 'faults', 'broken_off')", name="result"),
        sa.CheckConstraint("open_slot = 1", name="open_slot"),
        sa.CheckConstraint(
            "(finished_at IS NULL) = (open_slot IS NOT NULL)"
            " AND (finished_at IS NULL) = (result IS NULL)",
            name="finished",
        ),
        sa.CheckConstraint(
            "result = 'broken_off' OR (result IS NULL) = (fault_count IS NULL)", name="counted"
        ),
        {"info": {RIGHTS: "SELECT, INSERT, UPDATE"}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    thorough: Mapped[bool]
    open_slot: Mapped[int | None] = mapped_column(unique=True, default=1)
    attempts: Mapped[int] = mapped_column(default=0)
    begun_at: Mapped[datetime | None]
    steps_done: Mapped[int] = mapped_column(default=0)
    steps: Mapped[int] = mapped_column(default=0)
    progress_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    result: Mapped[str | None] = mapped_column(sa.String(10))
    fault_count: Mapped[int | None]
    faults: Mapped[list[list[str]]] = mapped_column(sa.JSON, default=list)
    counts: Mapped[dict[str, int]] = mapped_column(sa.JSON, default=dict)
    remarks: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    problem: Mapped[str] = mapped_column(sa.String(500), default="")
    head: Mapped[int | None] = mapped_column(sa.BigInteger)
    seal_number: Mapped[int | None] = mapped_column(sa.BigInteger)
    seal_hash: Mapped[str | None] = mapped_column(sa.String(64))

    asked_by: Mapped[Person | None] = relationship(lazy="raise_on_sql")

    @property
    def percent(self) -> int:
        """How many of its steps are done, of a hundred."""
        return 100 * self.steps_done // self.steps if self.steps else 0


def guard_statements(dialect: str) -> list[str]:
    """Return the statements that keep a finished verification as it is; the migration has them."""
    words = "a verification that has finished is never changed"
    if dialect == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
        return [
            f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE}"
            f" WHEN OLD.finished_at IS NOT NULL {refuse}",
            f"CREATE TRIGGER {TABLE}_no_delete BEFORE DELETE ON {TABLE} {refuse}",
        ]
    guard = f"EXECUTE FUNCTION {TABLE}_guard()"
    return [
        f"CREATE FUNCTION {TABLE}_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" RAISE EXCEPTION '{words}'; END $$",
        f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} FOR EACH ROW"
        f" WHEN (OLD.finished_at IS NOT NULL) {guard}",
        f"CREATE TRIGGER {TABLE}_no_delete BEFORE DELETE ON {TABLE} FOR EACH ROW {guard}",
        f"CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE} {guard}",
    ]


def _guard(table: Any) -> None:
    for dialect in ("sqlite", "postgresql"):
        for statement in guard_statements(dialect):
            ddl = sa.DDL(statement)  # type: ignore[no-untyped-call]
            sa.event.listen(table, "after_create", ddl.execute_if(dialect=dialect))


_guard(VerificationRun.__table__)
