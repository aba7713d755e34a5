"""The school register's facts, and which of its schools belong to the network."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.database import Base


class LocalAuthority(Base):
    """A local authority, under the three-figure code the register gives it."""

    __tablename__ = "local_authority"

    code: Mapped[str] = mapped_column(sa.String(3), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(100), index=True)


class Trust(Base):
    """A multi-academy or single-academy trust.

    The register's ``code`` makes a trust, not its name, which another may have as well. It is
    null where no file has given it yet; of one name, there is at most one trust without a code.
    """

    __tablename__ = "trust"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    code: Mapped[str | None] = mapped_column(sa.String(10), unique=True)

    __table_args__ = (
        sa.Index(
            "uq_trust_name_without_code",
            "name",
            unique=True,
            postgresql_where=sa.text("code IS NULL"),
            sqlite_where=sa.text("code IS NULL"),
        ),
        sa.Index("ix_trust_name", "name"),
    )


class School(Base):
    """One establishment of the register; unknown facts are null, never guessed.

    ``joined_at`` says since when it takes part. Only a school that has joined has an account in
    the ledger, under ``account_code``. ``successor_urn`` is what the register says;
    ``continued_by_urn`` is the school at which its people, credits and record went on here.
    """

    __tablename__ = "school"
    __table_args__ = (
        sa.CheckConstraint("status IN ('open', 'closing', 'closed', 'proposed')", name="status"),
        sa.CheckConstraint("(easting IS NULL) = (northing IS NULL)", name="position_whole"),
        sa.CheckConstraint("pupils >= 0", name="pupils_not_negative"),
        sa.CheckConstraint("fsm_permille BETWEEN 0 AND 1000", name="fsm_share"),
        # A search near a position selects a square by these two before it measures distances.
        sa.Index("ix_school_position", "easting", "northing"),
        sa.Index("ix_school_region_phase", "region", "phase"),
        sa.Index("ix_school_continued_by_urn", "continued_by_urn"),
    )

    urn: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(sa.String(200))
    search_name: Mapped[str] = mapped_column(sa.String(200), index=True)
    status: Mapped[str] = mapped_column(sa.String(10), index=True)
    type_name: Mapped[str] = mapped_column(sa.String(100))
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    phase: Mapped[str | None] = mapped_column(sa.String(30))
    age_low: Mapped[int | None]
    age_high: Mapped[int | None]
    gender: Mapped[str | None] = mapped_column(sa.String(20))
    religious_character: Mapped[str | None] = mapped_column(sa.String(100))
    boarders: Mapped[str | None] = mapped_column(sa.String(100))
    sixth_form: Mapped[bool | None]
    pupils: Mapped[int | None]
    size_band: Mapped[str | None] = mapped_column(sa.String(20), index=True)
    fsm_permille: Mapped[int | None]
    street: Mapped[str | None] = mapped_column(sa.String(200))
    locality: Mapped[str | None] = mapped_column(sa.String(200))
    town: Mapped[str | None] = mapped_column(sa.String(100), index=True)
    county: Mapped[str | None] = mapped_column(sa.String(100))
    postcode: Mapped[str | None] = mapped_column(sa.String(10), index=True)
    website: Mapped[str | None] = mapped_column(sa.String(300))
    region: Mapped[str | None] = mapped_column(sa.String(40))
    setting: Mapped[str | None] = mapped_column(sa.String(10), index=True)
    setting_text: Mapped[str | None] = mapped_column(sa.String(100))
    easting: Mapped[int | None]
    northing: Mapped[int | None]
    register_changed_on: Mapped[date | None]
    joined_at: Mapped[datetime | None] = mapped_column(index=True)
    first_week_dismissed_at: Mapped[datetime | None]
    """When the school put away the list of first steps on its start page."""
    paused_at: Mapped[datetime | None]
    pause_reason: Mapped[str | None] = mapped_column(sa.String(500))
    left_at: Mapped[datetime | None]

    local_authority_code: Mapped[str] = mapped_column(
        sa.ForeignKey("local_authority.code"), index=True
    )
    trust_id: Mapped[int | None] = mapped_column(sa.ForeignKey("trust.id"), index=True)
    successor_urn: Mapped[int | None] = mapped_column(sa.ForeignKey("school.urn"), index=True)
    continued_by_urn: Mapped[int | None] = mapped_column(sa.ForeignKey("school.urn"))

    local_authority: Mapped[LocalAuthority] = relationship(lazy="raise_on_sql")
    trust: Mapped[Trust | None] = relationship(lazy="raise_on_sql")
    successor: Mapped[School | None] = relationship(
        lazy="raise_on_sql", remote_side=[urn], foreign_keys=[successor_urn]
    )
    continued_by: Mapped[School | None] = relationship(
        lazy="raise_on_sql", remote_side=[urn], foreign_keys=[continued_by_urn]
    )


class SuccessorCandidate(Base):
    """One of several schools that the register names as successor of the same school.

    A school that has one successor, or none, has no rows here.
    """

    __tablename__ = "successor_candidate"

    school_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"), primary_key=True)
    candidate_urn: Mapped[int] = mapped_column(
        sa.ForeignKey("school.urn"), primary_key=True, index=True
    )


WORD = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")
"""Words are compared byte by byte, so that those with one beginning stand together."""


class SchoolWord(Base):
    """A word by which a school is found: of its name, of where it is, or of its postcode.

    The register's import keeps these rows (see ``word_index``). ``in_name`` says whether the name
    has the word, which counts for more than the town.
    """

    __tablename__ = "school_word"
    __table_args__ = (sa.Index("ix_school_word_word", "word", "school_urn"),)

    school_urn: Mapped[int] = mapped_column(sa.ForeignKey("school.urn"), primary_key=True)
    word: Mapped[str] = mapped_column(WORD, primary_key=True)
    in_name: Mapped[bool]


def begins_with(beginning: str) -> sa.ColumnElement[bool]:
    """The condition that a word begins with these letters and figures, answered by an index."""
    # “{” is the character after “z”.
    return sa.and_(SchoolWord.word >= beginning, SchoolWord.word < beginning + "{")
