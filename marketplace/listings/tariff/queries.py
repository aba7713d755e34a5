"""Reading the tariff and the usual hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace.listings.tariff.models import Grade, Tariff, TariffRate, Unit, UsualHours

Rates = Mapping[tuple[Unit, Grade], int]

FIRST_RATES: Rates = {
    (Unit.HOUR, Grade.COLLEAGUE): 60,
    (Unit.HALF_DAY, Grade.COLLEAGUE): 180,
    (Unit.DAY, Grade.COLLEAGUE): 360,
    (Unit.HOUR, Grade.SPECIALIST): 75,
    (Unit.HALF_DAY, Grade.SPECIALIST): 225,
    (Unit.DAY, Grade.SPECIALIST): 450,
    (Unit.HOUR, Grade.EXPERT): 90,
    (Unit.HALF_DAY, Grade.EXPERT): 270,
    (Unit.DAY, Grade.EXPERT): 540,
}
"""What is said until the operator has decided: an hour for an hour, and a little more for those
who have been named for what they know."""
FIRST_NOTE = (
    "Time to prepare and to travel counts if both schools agree. It is guidance: the two schools"
    " agree what an exchange costs."
)


@dataclass(frozen=True, slots=True)
class CurrentTariff:
    """The tariff in force: minutes by unit and grade, and the operator's note."""

    rates: Rates
    note: str
    version: int
    changed_at: datetime | None


def current_tariff(session: Session) -> CurrentTariff:
    """Return the tariff in force; until the operator has changed it, the first one."""
    rows = session.execute(sa.select(Tariff, TariffRate).outerjoin(TariffRate, sa.true())).all()
    if not rows:
        return CurrentTariff(FIRST_RATES, FIRST_NOTE, 0, None)
    tariff = rows[0].Tariff
    rates = {
        (Unit(row.TariffRate.unit), Grade(row.TariffRate.grade)): row.TariffRate.minutes
        for row in rows
        if row.TariffRate is not None
    }
    return CurrentTariff(rates, tariff.note, tariff.version, tariff.changed_at)


def usual_hours(session: Session) -> dict[str, UsualHours]:
    """Return the usual hours of every topic that has some, by topic."""
    return {row.topic: row for row in session.scalars(sa.select(UsualHours))}
