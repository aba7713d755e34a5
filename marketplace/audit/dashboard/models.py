"""What is derived from the ledger for the dashboards. All of it can be made anew."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Base


class NetworkMonth(Base):
    """What exchanges moved in one month: how many payments, and how many minutes.

    ``month`` is its first day. A reversed payment is taken off the month of the reversal.
    """

    __tablename__ = "network_month"

    month: Mapped[date] = mapped_column(primary_key=True)
    exchanges: Mapped[int]
    minutes: Mapped[int] = mapped_column(sa.BigInteger)


class NetworkFigures(Base):
    """How far the months have come, and counts of the network as they were at ``updated_at``.

    ``cursor`` is the ledger's, behind the last record that is in a month. ``circulating`` is what
    was issued and is not in the network's own fund, in minutes. ``unusual`` has by rule how many
    entries it marks, ``front_page`` what the public front page shows.
    """

    __tablename__ = "network_figures"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cursor: Mapped[str | None] = mapped_column(sa.String(100))
    updated_at: Mapped[datetime]
    schools: Mapped[int] = mapped_column(default=0)
    active_schools: Mapped[int] = mapped_column(default=0)
    joined_lately: Mapped[int] = mapped_column(default=0)
    circulating: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    failing_addresses: Mapped[int] = mapped_column(default=0)
    unusual: Mapped[dict[str, int]] = mapped_column(sa.JSON, default=dict, server_default="{}")
    front_page: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict, server_default="{}")


class UnusualEntry(Base):
    """That a rule marks a payment of the last 30 days; ``number`` is its record's."""

    __tablename__ = "unusual_entry"
    __table_args__ = (sa.Index("ix_unusual_entry_rule", "rule", "number"),)

    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    rule: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    recorded_at: Mapped[datetime]
    giver: Mapped[str] = mapped_column(sa.String(200))
    taker: Mapped[str] = mapped_column(sa.String(200))
    minutes: Mapped[int] = mapped_column(sa.BigInteger)
    actor: Mapped[str] = mapped_column(sa.String(200))
