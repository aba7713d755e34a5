"""The period of a statement, read from the address of its page.

Terms are the same for every school: autumn from September to December, spring from January to
March, summer from April to August. The school year begins on 1 September.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from marketplace.clock import LONDON, today

SCHOOL_YEAR_BEGINS = 9
EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 30)


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` to ``end``, both inclusive; ``problem`` says what was wrong in the address.

    ``problem_field`` is the field to which the problem belongs: ``start`` or ``end``.
    """

    start: date
    end: date
    problem: str = ""
    problem_field: str = "start"

    @property
    def begins_at(self) -> datetime:
        """The instant at which the first day begins in London."""
        return _midnight(self.start)

    @property
    def ends_at(self) -> datetime:
        """The instant at which the last day is over in London."""
        return _midnight(self.end + timedelta(days=1))


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


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON)
