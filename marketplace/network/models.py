"""What the network's operators decide about schools, and how active each school is."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Person
from marketplace.database import Base
from marketplace.schools.models import School


class SuccessionState(StrEnum):
    """Where the succession of one school by another stands."""

    WAITING = "waiting"
    """The operator has to decide."""
    PROPOSED = "proposed"
    """One person has decided, and a second one has to approve."""
    DONE = "done"
    REFUSED = "refused"


class Obstacle(StrEnum):
    """Why a succession did not happen by itself."""

    SEVERAL = "several"
    NOBODY = "nobody"
    CIRCLE = "circle"
    CLOSED = "closed"
    NOT_OPEN = "not_open"
    PAUSED = "paused"
    LEFT = "left"
    LIMIT = "limit"


OPEN_STATES = (SuccessionState.WAITING, SuccessionState.PROPOSED)


def _one_of(column: str, values: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


_IS_OPEN = sa.text("state IN ('waiting', 'proposed')")
_IS_PROPOSED = sa.text("state = 'proposed'")


class Succession(Base):
    """A closed school whose things go on at another one; ``to_urn`` is null if none is named.

    The transactions are the ledger's: the balance that moved, the joining grant that was taken
    back, and what the second person let be written off.
    """

    __tablename__ = "succession"
    __table_args__ = (
        sa.CheckConstraint(_one_of("state", SuccessionState), name="state"),
        sa.CheckConstraint(_one_of("obstacle", Obstacle), name="obstacle"),
        sa.CheckConstraint("from_urn <> to_urn", name="two_schools"),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'done') OR to_urn IS NOT NULL", name="decided_has_school"
        ),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR proposed_by_id IS NULL OR approved_by_id <> proposed_by_id",
            name="two_people",
        ),
        sa.CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done_has_instant"),
        sa.Index(
            "uq_succession_open",
            "from_urn",
            "to_urn",
            unique=True,
            postgresql_where=_IS_OPEN,
            sqlite_where=_IS_OPEN,
        ),
        sa.Index(
            "uq_succession_proposed",
            "from_urn",
            unique=True,
            postgresql_where=_IS_PROPOSED,
            sqlite_where=_IS_PROPOSED,
        ),
        sa.Index("ix_succession_state", "state", "from_urn"),
        sa.Index("ix_succession_from", "from_urn", "id"),
        sa.Index("ix_succession_to", "to_urn", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    from_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    to_urn: Mapped[int | None] = mapped_column(sa.ForeignKey("school.urn"))
    state: Mapped[str] = mapped_column(sa.String(10))
    obstacle: Mapped[str | None] = mapped_column(sa.String(10))
    write_off: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    created_at: Mapped[datetime]
    proposed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    proposed_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    done_at: Mapped[datetime | None]
    balance_transaction_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    grant_transaction_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    write_off_transaction_id: Mapped[int | None] = mapped_column(sa.BigInteger)

    from_school: Mapped[School] = relationship(lazy="raise_on_sql", foreign_keys=[from_urn])
    to_school: Mapped[School | None] = relationship(lazy="raise_on_sql", foreign_keys=[to_urn])
    proposed_by: Mapped[Person | None] = relationship(
        lazy="raise_on_sql", foreign_keys=[proposed_by_id]
    )
    approved_by: Mapped[Person | None] = relationship(
        lazy="raise_on_sql", foreign_keys=[approved_by_id]
    )

    @property
    def reference(self) -> str:
        """How the ledger names this succession as the cause of what it records."""
        return f"succession:{self.id}"


class ActionKind(StrEnum):
    """What was done to a school in the network."""

    JOINED = "joined"
    PAUSED = "paused"
    RESUMED = "resumed"
    LEFT = "left"
    PROPOSED = "proposed"
    REFUSED = "refused"
    WITHDREW = "withdrew"
    CONTINUED = "continued"
    TOOK_OVER = "took_over"


class NetworkAction(Base):
    """One thing that was done to a school, by whom (null: by the register) and why; never changed.

    ``other_urn`` is the other school of a succession, or the one that was given the balance.
    """

    __tablename__ = "network_action"
    __table_args__ = (
        sa.CheckConstraint(_one_of("kind", ActionKind), name="kind"),
        sa.Index("ix_network_action_school", "school_urn", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    kind: Mapped[str] = mapped_column(sa.String(10))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    other_urn: Mapped[int | None] = mapped_column(sa.ForeignKey("school.urn"))
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    at: Mapped[datetime]

    person: Mapped[Person | None] = relationship(lazy="raise_on_sql")
    other: Mapped[School | None] = relationship(lazy="raise_on_sql", foreign_keys=[other_urn])


class SchoolActivity(Base):
    """When a school's people were last active: kept as it happens, never counted anew.

    ``idle_since`` is the latest of the others, or when the school joined; pages are in its order.
    """

    __tablename__ = "school_activity"
    __table_args__ = (sa.Index("ix_school_activity_idle", "idle_since", "school_urn"),)

    school_urn: Mapped[int] = mapped_column(
        sa.ForeignKey("school.urn"), primary_key=True, autoincrement=False
    )
    idle_since: Mapped[datetime]
    last_sign_in_at: Mapped[datetime | None]
    last_activity_at: Mapped[datetime | None]
    last_exchange_at: Mapped[datetime | None]

    school: Mapped[School] = relationship(lazy="raise_on_sql")
