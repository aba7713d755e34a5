"""The period of a statement, read from the address of its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from marketplace.clock import today

SCHOOL_YEAR_BEGINS = 9
EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` to ``end``, both inclusive; ``problem`` says what was wrong in the address."""

    start: date
    end: date
    problem: str = ""


def school_year_start(day: date) -> date:
    """Return the first of September at or before ``day``: schools' books run from September."""
    year = day.year if day.month >= SCHOOL_YEAR_BEGINS else day.year - 1
    return date(year, SCHOOL_YEAR_BEGINS, 1)


def read_day(text: str) -> date:
    """Return the day that ``text`` names, like "2026-09-01".

    Raises:
        ValueError: if it is not a day, or not one that a book of this network can have.
    """
    day = date.fromisoformat(text)
    if not EARLIEST <= day <= LATEST:
        raise ValueError("this day is in no book")
    return day


def read_period(start: str, end: str) -> Period:
    """Return the period from ``start`` to ``end``; if unusable, this school year so far."""
    usual = Period(school_year_start(today()), today())
    try:
        first = read_day(start) if start else usual.start
        last = read_day(end) if end else usual.end
    except ValueError:
        return Period(usual.start, usual.end, "Write both days like 2026-09-01.")
    if first > last:
        return Period(
            usual.start, usual.end, "The first day is after the last day. Change one of them."
        )
    return Period(first, last)
