"""The tariff and the usual hours as pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from marketplace.credits.formats import credits
from marketplace.listings.tariff.forms import GRADE_LABELS, UNIT_LABELS
from marketplace.listings.tariff.models import Grade, Source, Unit, UsualHours
from marketplace.listings.tariff.queries import current_tariff, usual_hours
from marketplace.listings.topics import TOPICS


@dataclass(frozen=True, slots=True)
class UsualRow:
    """The usual hours of a topic in words."""

    topic: str
    name: str
    median: str
    between: str
    basis: str


@dataclass(frozen=True, slots=True)
class TariffTable:
    """The tariff in force, with the usual hours beside it.

    ``rows`` are by unit: its name, and what it costs by grade, in the order of ``grades``.
    """

    grades: list[str]
    rows: list[tuple[str, list[str]]]
    note: str
    changed_at: datetime | None
    usual: list[UsualRow]


def tariff_table(session: Session) -> TariffTable:
    """Return the tariff and the usual hours, in two statements."""
    tariff = current_tariff(session)
    usual = usual_hours(session)
    return TariffTable(
        grades=[GRADE_LABELS[grade] for grade in Grade],
        rows=[
            (UNIT_LABELS[unit], [credits(tariff.rates[unit, grade]) for grade in Grade])
            for unit in Unit
        ],
        note=tariff.note,
        changed_at=tariff.changed_at,
        usual=[_usual_row(usual[slug]) for slug in TOPICS if slug in usual],
    )


def _usual_row(row: UsualHours) -> UsualRow:
    what = "agreed exchanges" if row.source == Source.AGREED else "listings"
    between = f"{credits(row.low)} to {credits(row.high)}" if row.low < row.high else ""
    return UsualRow(
        topic=row.topic,
        name=TOPICS[row.topic].name,
        median=credits(row.median),
        between=between,
        basis=f"{row.number:,} {what}",
    )
