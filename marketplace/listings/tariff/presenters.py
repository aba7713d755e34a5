"""The tariff and the usual hours as pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from marketplace.credits.formats import credits
from marketplace.listings.tariff.forms import GRADE_LABELS, UNIT_LABELS
from marketplace.listings.tariff.models import Grade, Source, Unit, UsualHours
from marketplace.listings.tariff.queries import current_tariff, usual_hours
from marketplace.listings.topics import current_topics


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

    ``rows`` are by grade: its name, and what each of ``units`` costs, as numbers of credits.
    """

    units: list[str]
    rows: list[tuple[str, list[str]]]
    note: str
    changed_at: datetime | None
    usual: list[UsualRow]


def tariff_table(session: Session) -> TariffTable:
    """Return the tariff and the usual hours, in two statements."""
    tariff = current_tariff(session)
    usual = usual_hours(session)
    return TariffTable(
        units=[UNIT_LABELS[unit] for unit in Unit],
        rows=[
            (GRADE_LABELS[grade], [_number(tariff.rates[unit, grade]) for unit in Unit])
            for grade in Grade
        ],
        note=tariff.note,
        changed_at=tariff.changed_at,
        usual=[_usual_row(usual[slug]) for slug in current_topics().by_slug if slug in usual],
    )


def _number(minutes: int) -> str:
    """Credits without the word, for a table that says it above."""
    return credits(minutes).split(" ", 1)[0]


def _usual_row(row: UsualHours) -> UsualRow:
    what = "agreed exchanges" if row.source == Source.AGREED else "listings"
    between = f"{_number(row.low)} to {credits(row.high)}" if row.low < row.high else ""
    return UsualRow(
        topic=row.topic,
        name=current_topics().name_of(row.topic),
        median=credits(row.median),
        between=between,
        basis=f"{row.number:,} {what}",
    )
