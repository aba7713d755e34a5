"""The journal's index: what each record of the ledger is found by. All of it can be made anew."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Base


class JournalRow(Base):
    """One record of the ledger, by its number.

    ``kind`` is the journal's (see `records.journal_kind`), ``minutes`` what the record moved, held
    or released. ``person_id`` is who did it, as the ledger names them: no foreign key, because an
    imported record may name a person who was never here.
    """

    __tablename__ = "journal_row"
    __table_args__ = (
        sa.Index("ix_journal_row_day", "effective", "number"),
        sa.Index("ix_journal_row_kind", "kind", "number"),
        sa.Index("ix_journal_row_kind_day", "kind", "effective", "number"),
        sa.Index("ix_journal_row_minutes", "minutes", "number"),
        sa.Index("ix_journal_row_person", "person_id", "number"),
        sa.Index(
            "ix_journal_row_same_person",
            "number",
            sqlite_where=sa.text("same_person = 1"),
            postgresql_where=sa.text("same_person"),
        ),
        sa.Index(
            "ix_journal_row_out_of_hours",
            "number",
            sqlite_where=sa.text("out_of_hours = 1"),
            postgresql_where=sa.text("out_of_hours"),
        ),
        sa.Index(
            "ix_journal_row_out_of_hours_day",
            "effective",
            "number",
            sqlite_where=sa.text("out_of_hours = 1"),
            postgresql_where=sa.text("out_of_hours"),
        ),
    )

    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    effective: Mapped[date]
    kind: Mapped[str] = mapped_column(sa.String(60))
    minutes: Mapped[int | None] = mapped_column(sa.BigInteger)
    person_id: Mapped[int | None]
    out_of_hours: Mapped[bool]
    same_person: Mapped[bool]


class JournalAccount(Base):
    """That a record is about an account: it has entries on it, holds of it, or changes it.

    ``kind`` and ``minutes`` are those of the record, so that those of an account are added up
    without looking up each of its records.
    """

    __tablename__ = "journal_account"
    __table_args__ = (
        sa.Index("ix_journal_account_day", "code", "effective", "number"),
        {"sqlite_with_rowid": False},
    )

    code: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    effective: Mapped[date]
    kind: Mapped[str] = mapped_column(sa.String(60), server_default="")
    minutes: Mapped[int | None] = mapped_column(sa.BigInteger)


class JournalIndex(Base):
    """How far the index has come: one row, which whoever adds to the index locks.

    ``cursor`` is the ledger's, behind the last record that is in the index.
    """

    __tablename__ = "journal_index"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cursor: Mapped[str | None] = mapped_column(sa.String(100))
    rows: Mapped[int] = mapped_column(sa.BigInteger)
    updated_at: Mapped[datetime]
