"""What each entry of a school's account was for, kept so that a statement need not look it up."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Base


class EntryCause(Base):
    """What one entry of the ledger was for; all of it can be made anew (see `causes`).

    ``partner`` is the code of the account on the other side, ``None`` if there are several;
    ``exchange_id`` is what it paid for, if it was help, and ``topic`` that of the exchange;
    ``is_given`` says whether the help was given. They never change once an entry is posted.
    Minutes are not kept here: those of a statement are always read from the ledger itself.
    """

    __tablename__ = "entry_cause"
    __table_args__ = ({"sqlite_with_rowid": False},)

    account_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    partner: Mapped[str | None] = mapped_column(sa.String(200))
    exchange_id: Mapped[int | None]
    topic: Mapped[str | None] = mapped_column(sa.String(40))
    is_given: Mapped[bool]
