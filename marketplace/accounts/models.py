"""Staff accounts and the roles they hold at schools or for the network."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.roles import NETWORK_ROLES, SCHOOL_ROLES, TRUST_ROLES, Role
from marketplace.database import RIGHTS, Base, append_only
from marketplace.schools.models import School

SECURITY_LOG_DAYS = 365
"""How long a line of the security log cannot be deleted."""

_IS_OPEN = "used_at IS NULL AND revoked_at IS NULL"
_ONE_AT_A_TIME = f"{_IS_OPEN} AND purpose <> 'address_back'"


def _quoted(roles: frozenset[Role]) -> str:
    return ", ".join(f"'{role}'" for role in sorted(roles))


class Person(Base):
    """Someone who signs in; the e-mail address is kept in lower case and is theirs alone."""

    __tablename__ = "person"
    __table_args__ = (
        sa.CheckConstraint("email = lower(email)", name="email_lower_case"),
        sa.CheckConstraint(
            "erased_at IS NULL OR (password_hash IS NULL AND NOT active AND listed_at IS NULL)",
            name="erased_is_unusable",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    listed_at: Mapped[datetime | None]
    """When the person agreed that other schools see their name and role; null if they did not."""
    without_role_since: Mapped[datetime | None]
    """Since when the daily job has found the person without a role at a school that is open."""
    erased_at: Mapped[datetime | None]
    """When the person was erased: the row stays for what refers to it, and says nothing of them."""

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


class TrustGrant(Base):
    """A role that a person holds at every school of a trust that takes part, now and later."""

    __tablename__ = "trust_grant"
    __table_args__ = (
        sa.CheckConstraint(f"role IN ({_quoted(TRUST_ROLES)})", name="role_of_a_trust"),
        sa.UniqueConstraint("person_id", "trust_id", "role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    trust_id: Mapped[int] = mapped_column(sa.ForeignKey("trust.id"), index=True)
    role: Mapped[str] = mapped_column(sa.String(20))
    granted_at: Mapped[datetime]


class SignIn(Base):
    """One signed-in browser: the server's side of a session, which ends it.

    The browser holds a random token; the table has its SHA-256 only, so that nobody who reads the
    table can sign in with it.
    """

    __tablename__ = "sign_in"
    __table_args__ = (
        sa.CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="end_has_reason"),
        sa.Index("ix_sign_in_person_id_last_used_at", "person_id", "last_used_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    method: Mapped[str] = mapped_column(sa.String(20))
    """How the person proved who they are (see ``sessions.Method``)."""
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    """Written at most once a minute."""
    address: Mapped[str | None] = mapped_column(sa.String(45))
    device: Mapped[str] = mapped_column(sa.String(100))
    """The browser and the system, in words."""
    second_factor_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime]
    """When the person last proved who they are."""
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    end_reason: Mapped[str | None] = mapped_column(sa.String(20))


class OneTimeLink(Base):
    """A link from an e-mail that works once; the table has the SHA-256 of its token only.

    A person has at most one link that is open for each purpose (and school): a new one revokes the
    one before it. Only the ways back to former addresses stay beside each other, so that nobody who
    has got hold of an account can end them by changing the address once more.
    """

    __tablename__ = "one_time_link"
    __table_args__ = (
        sa.CheckConstraint("used_at IS NULL OR revoked_at IS NULL", name="used_or_revoked"),
        sa.Index(
            "uq_one_time_link_open",
            "person_id",
            "purpose",
            unique=True,
            postgresql_where=sa.text(f"{_ONE_AT_A_TIME} AND school_urn IS NULL"),
            sqlite_where=sa.text(f"{_ONE_AT_A_TIME} AND school_urn IS NULL"),
        ),
        sa.Index(
            "uq_one_time_link_open_school",
            "person_id",
            "purpose",
            "school_urn",
            unique=True,
            postgresql_where=sa.text(_IS_OPEN),
            sqlite_where=sa.text(_IS_OPEN),
        ),
        sa.Index("ix_one_time_link_person_id_created_at", "person_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(sa.String(20))
    """What it lets its reader do (see ``one_time_links.Purpose``)."""
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    school_urn: Mapped[int | None] = mapped_column(sa.ForeignKey("school.urn"), index=True)
    address: Mapped[str | None] = mapped_column(sa.String(254))
    """The e-mail address that the link is about, if it is not the person's own."""
    maker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who asked for it, if it is another person."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class KnownDevice(Base):
    """A browser in which a person has signed in; the table has the SHA-256 of its token only.

    Wrong passwords from elsewhere do not slow the person down here. A browser that several people
    share has one token, and a row for each of them.
    """

    __tablename__ = "known_device"
    __table_args__ = (sa.UniqueConstraint("person_id", "token_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    token_hash: Mapped[str] = mapped_column(sa.String(64))
    label: Mapped[str] = mapped_column(sa.String(100))
    """The browser and the system, in words."""
    address: Mapped[str | None] = mapped_column(sa.String(45))
    """Where it was last."""
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime] = mapped_column(index=True)
    """When the person last signed in there."""


class Throttle(Base):
    """How many tries of one kind have failed, and when the next one may be made."""

    __tablename__ = "throttle"

    key_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    """The SHA-256 of what is counted: the kind of try, the account, the device or address."""
    account_hash: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    """The SHA-256 of the account, if it is about one."""
    failures: Mapped[int] = mapped_column(sa.CheckConstraint("failures >= 0", name="counts"))
    first_failed_at: Mapped[datetime]
    last_failed_at: Mapped[datetime] = mapped_column(index=True)
    blocked_until: Mapped[datetime | None]


class SecurityEvent(Base):
    """One line of the security log; the database lets nobody change it, or delete it for a year.

    It holds no secrets, names or texts: what people are called stands in their own row.
    """

    __tablename__ = "security_event"
    __table_args__ = (
        sa.Index("ix_security_event_person_id_id", "person_id", "id"),
        sa.Index("ix_security_event_school_urn_id", "school_urn", "id"),
        # A number is never used again.
        {"sqlite_autoincrement": True, "info": {RIGHTS: "SELECT, INSERT, DELETE"}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    occurred_at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """Whose account it concerns."""
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    """Who did it; null for a command, a scheduled job, or a person who is not signed in."""
    school_urn: Mapped[int | None] = mapped_column(sa.ForeignKey("school.urn"))
    address: Mapped[str | None] = mapped_column(sa.String(45))
    device: Mapped[str | None] = mapped_column(sa.String(100))
    request_id: Mapped[str | None] = mapped_column(sa.String(40))
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON)


append_only(SecurityEvent, "the security log", "occurred_at", days=SECURITY_LOG_DAYS)
