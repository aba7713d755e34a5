"""Named groups of schools, and the columns of everything that has an audience."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from marketplace.audiences.audience import MILES, Audience, Reach
from marketplace.database import Base
from marketplace.schools.models import School
from marketplace.schools.traits import EVERY_TRAIT, Trait


class MemberState(StrEnum):
    """How a school stands to a group."""

    INVITED = "invited"
    MEMBER = "member"
    DECLINED = "declined"
    LEFT = "left"


class SchoolGroup(Base):
    """A named group of schools, such as an alliance or a hub, which schools join by invitation.

    ``lead_urn`` is the school that leads it: it founded the group, or took over from one that left.
    """

    __tablename__ = "school_group"
    __table_args__ = (
        sa.CheckConstraint("length(name) > 0", name="has_name"),
        sa.CheckConstraint("length(purpose) > 0", name="has_purpose"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    purpose: Mapped[str] = mapped_column(sa.String(500))
    lead_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"), index=True)
    founded_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    founded_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    idempotency_key: Mapped[str] = mapped_column(sa.String(80), unique=True)

    lead: Mapped[School] = relationship(lazy="raise_on_sql")


class GroupMember(Base):
    """A school's place in a group, from its invitation on; ``answered_at`` is the last change.

    Nobody answered for a school that has closed, has left or is carried on by another.
    """

    __tablename__ = "group_member"
    __table_args__ = (
        sa.CheckConstraint(
            f"state IN ({', '.join(repr(state.value) for state in MemberState)})", name="state"
        ),
        sa.CheckConstraint(
            "answered_by_id IS NULL OR answered_at IS NOT NULL", name="answered_by_somebody"
        ),
        sa.CheckConstraint("state = 'invited' OR answered_at IS NOT NULL", name="not_in_unasked"),
        sa.UniqueConstraint("group_id", "school_urn"),
        sa.Index("ix_group_member_school", "school_urn", "state", "group_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("school_group.id"))
    school_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"))
    state: Mapped[str] = mapped_column(sa.String(10))
    invited_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    invited_at: Mapped[datetime]
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    answered_at: Mapped[datetime | None]

    group: Mapped[SchoolGroup] = relationship(lazy="raise_on_sql")
    school: Mapped[School] = relationship(lazy="raise_on_sql")


class HasAudience:
    """The columns by which a row says who may see it, for any table with a ``school_urn``.

    Such a table has ``*audience_constraints()`` among its ``__table_args__``. Its service writes
    and reads ``seen_by``; ``queries.visible_to`` says which rows a person may see.
    """

    audience: Mapped[str] = mapped_column(sa.String(20))
    audience_group_id: Mapped[int | None] = mapped_column(sa.ForeignKey("school_group.id"))
    audience_second_group_id: Mapped[int | None] = mapped_column(sa.ForeignKey("school_group.id"))
    audience_miles: Mapped[int | None]
    audience_only: Mapped[int] = mapped_column(default=0, server_default="0")
    """The traits that it is narrowed to, as one number (see ``schools.traits``)."""
    audience_alike: Mapped[bool] = mapped_column(default=False, server_default=sa.false())

    @declared_attr
    @classmethod
    def audience_group(cls) -> Mapped[SchoolGroup | None]:
        """The group, if it is for one."""
        return relationship(
            SchoolGroup, lazy="raise_on_sql", foreign_keys=f"{cls.__name__}.audience_group_id"
        )

    @declared_attr
    @classmethod
    def audience_second_group(cls) -> Mapped[SchoolGroup | None]:
        """The other group, if it is for two."""
        return relationship(
            SchoolGroup,
            lazy="raise_on_sql",
            foreign_keys=f"{cls.__name__}.audience_second_group_id",
        )

    @property
    def seen_by(self) -> Audience:
        """Who may see the row."""
        return audience_of(self)

    @seen_by.setter
    def seen_by(self, audience: Audience) -> None:
        for column, value in audience_values(audience).items():
            setattr(self, column, value)


def audience_of(row: Any) -> Audience:
    """Return the audience that the columns of ``row`` say, be it an object or a row of a query."""
    return Audience(
        Reach(row.audience),
        row.audience_group_id,
        row.audience_miles,
        Trait(row.audience_only),
        row.audience_alike,
        row.audience_second_group_id,
    )


def audience_values(audience: Audience) -> dict[str, str | int | bool | None]:
    """Return an audience as the values of the columns, for rows that are written many at once."""
    return {
        "audience": audience.reach.value,
        "audience_group_id": audience.group_id,
        "audience_second_group_id": audience.second_group_id,
        "audience_miles": audience.miles,
        "audience_only": int(audience.only),
        "audience_alike": audience.alike,
    }


def audience_constraints() -> tuple[sa.CheckConstraint, ...]:
    """Return what the database sees to in the columns of ``HasAudience``."""
    reaches = ", ".join(repr(reach.value) for reach in Reach)
    return (
        sa.CheckConstraint(f"audience IN ({reaches})", name="audience"),
        sa.CheckConstraint(
            "(audience_group_id IS NOT NULL) = (audience = 'group')", name="audience_group"
        ),
        sa.CheckConstraint(
            "audience_second_group_id IS NULL"
            " OR audience_second_group_id <> coalesce(audience_group_id, audience_second_group_id)",
            name="audience_two_groups",
        ),
        sa.CheckConstraint(
            "(audience_miles IS NOT NULL) = (audience IN ('near', 'confidential'))",
            name="audience_near",
        ),
        sa.CheckConstraint(
            f"audience_miles IN ({', '.join(map(str, MILES))})", name="audience_miles"
        ),
        sa.CheckConstraint(f"audience_only BETWEEN 0 AND {int(EVERY_TRAIT)}", name="audience_only"),
    )
