"""The totals of each day, as they were last added up from the ledger."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Base


class DayTotal(Base):
    """The trial balance at the end of ``day``: its two columns in minutes.

    It is of everything that was recorded before the day ``recorded_before`` began.
    """

    __tablename__ = "trial_balance_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    recorded_before: Mapped[date]
    debit: Mapped[int] = mapped_column(sa.BigInteger)
    credit: Mapped[int] = mapped_column(sa.BigInteger)
