"""Staff accounts and the roles they hold at schools or for the network."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.roles import NETWORK_ROLES, SCHOOL_ROLES, Role
from marketplace.database import Base
from marketplace.schools.models import School


def _quoted(roles: frozenset[Role]) -> str:
    return ", ".join(f"'{role}'" for role in sorted(roles))


class Person(Base):
    """Someone who signs in; the e-mail address is kept in lower case and is theirs alone."""

    __tablename__ = "person"
    __table_args__ = (sa.CheckConstraint("email = lower(email)", name="email_lower_case"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]

    grants: Mapped[list[RoleGrant]] = relationship(back_populates="person", lazy="raise_on_sql")


class RoleGrant(Base):
    """One role of one person: at a school, or (``school_urn`` null) for the network."""

    __tablename__ = "role_grant"
    __table_args__ = (
        sa.CheckConstraint(
            f"(school_urn IS NOT NULL AND role IN ({_quoted(SCHOOL_ROLES)}))"
            f" OR (school_urn IS NULL AND role IN ({_quoted(NETWORK_ROLES)}))",
            name="role_fits_place",
        ),
        sa.UniqueConstraint("person_id", "school_urn", "role"),
        # Null never equals null, so the network's roles need a unique index of their own.
        sa.Index(
            "uq_role_grant_network",
            "person_id",
            "role",
            unique=True,
            postgresql_where=sa.text("school_urn IS NULL"),
            sqlite_where=sa.text("school_urn IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    school_urn: Mapped[int | None] = mapped_column(sa.ForeignKey("school.urn"), index=True)
    role: Mapped[str] = mapped_column(sa.String(20))
    granted_at: Mapped[datetime]

    person: Mapped[Person] = relationship(back_populates="grants", lazy="raise_on_sql")
    school: Mapped[School | None] = relationship(lazy="raise_on_sql")
