"""The totals of each day, as they were last added up from the ledger."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Base


class DayTotal(Base):
    """The trial balance at the end of ``day``: how many accounts, and its columns in minutes.

    ``checked_on`` is the day up to whose beginning everything recorded is taken into account.
    """

    __tablename__ = "trial_balance_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    accounts: Mapped[int]
    debit: Mapped[int] = mapped_column(sa.BigInteger)
    credit: Mapped[int] = mapped_column(sa.BigInteger)
    checked_on: Mapped[date]
