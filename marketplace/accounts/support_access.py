"""Support access: the operator reads one school's private pages, for a reason and a short time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from marketplace import clock
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Person
from marketplace.database import RIGHTS, Base
from marketplace.schools.models import School
from marketplace.schools.traits import traits_of
from marketplace.web.navigation import asked_when_sent

LASTS = timedelta(minutes=30)
LONGEST_REASON = 500
_KEY = "support:"


class SupportAccess(Base):
    """That an operator may read a school's private pages, from when to when, and why.

    Only its end is ever written later: who ended it, and when.
    """

    __tablename__ = "support_access"
    __table_args__ = (
        sa.CheckConstraint("ends_at > began_at", name="ends_later"),
        sa.CheckConstraint("length(reason) > 0", name="has_reason"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended_by_somebody"),
        sa.Index("ix_support_access_school", "school_urn", "id"),
        {"info": {RIGHTS: "SELECT, INSERT, UPDATE (ended_at, ended_by_id)"}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    operator_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.String(LONGEST_REASON))
    began_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    idempotency_key: Mapped[str] = mapped_column(sa.String(80), unique=True)

    school: Mapped[School] = relationship(lazy="raise_on_sql")
    operator: Mapped[Person] = relationship(lazy="raise_on_sql", foreign_keys=[operator_id])
    ended_by: Mapped[Person | None] = relationship(lazy="raise_on_sql", foreign_keys=[ended_by_id])

    @property
    def key(self) -> str:
        """How a session names it as what the operator acts in."""
        return f"{_KEY}{self.id}"

    @property
    def is_open(self) -> bool:
        """Whether the school's pages can be read by it now."""
        return self.ended_at is None and clock.now() < self.ends_at


def is_open() -> sa.ColumnElement[bool]:
    """Return the SQL condition that a support access can be used now."""
    now = asked_when_sent(lambda: clock.now())
    return sa.and_(SupportAccess.ended_at.is_(None), SupportAccess.ends_at > now)


def count_open(urn: int) -> sa.ScalarSelect[int]:
    """Return the query that counts the support accesses to the school that are open now."""
    return (
        sa.select(sa.func.count())
        .select_from(SupportAccess)
        .where(SupportAccess.school_urn == urn, is_open())
        .scalar_subquery()
    )


def supporting_actor(session: Session, operator: Actor, key: str | None) -> Actor | None:
    """Return ``operator`` reading a school's pages by the support access that ``key`` names.

    It is ``None`` for any other key, and if the access is over or another operator's.
    """
    number = (key or "").removeprefix(_KEY)
    if key == number or not (number.isascii() and number.isdecimal()) or len(number) > 9:
        return None
    access = session.scalar(
        sa.select(SupportAccess)
        .where(
            SupportAccess.id == int(number),
            SupportAccess.operator_id == operator.person_id,
            is_open(),
        )
        .options(joinedload(SupportAccess.school))
    )
    if access is None:
        return None
    school = access.school
    return replace(
        operator,
        urn=school.urn,
        school_name=school.name,
        trust_id=school.trust_id,
        local_authority_code=school.local_authority_code,
        region=school.region,
        easting=school.easting,
        northing=school.northing,
        traits=traits_of(school),
        support_id=access.id,
        support_ends_at=access.ends_at,
    )
