"""The period of a statement: presets, the same period before, and what an address asks for.

Terms are the same for every school: autumn from September to December, spring from January to
March, summer from April to August. The academic year begins on 1 September.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from marketplace.clock import LONDON, today
from marketplace.web.formats import day, short_day

ACADEMIC_YEAR_BEGINS = 9
EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 30)
_TERMS = {9: "autumn term", 1: "spring term", 4: "summer term"}
"""The month in which each term begins."""


class Unit(StrEnum):
    """What a period is one of; a period between any two days is ``DAYS``."""

    MONTH = "month"
    TERM = "term"
    YEAR = "year"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` to ``end``, both inclusive; ``problem`` says what was wrong in the address.

    ``problem_field`` is the field to which the problem belongs: ``start`` or ``end``.
    """

    start: date
    end: date
    problem: str = ""
    problem_field: str = "start"
    unit: Unit = Unit.DAYS

    @property
    def begins_at(self) -> datetime:
        """The instant at which the first day begins in London."""
        return _midnight(self.start)

    @property
    def ends_at(self) -> datetime:
        """The instant at which the last day is over in London."""
        return _midnight(self.end + timedelta(days=1))

    @property
    def is_whole(self) -> bool:
        """Whether it goes to the end of its month, term or year."""
        return self.unit is Unit.DAYS or self.end == _last_day(self.start, self.unit)

    @property
    def name(self) -> str:
        """What people call it: "autumn term 2026", "1 September to 14 November 2026"."""
        if self.unit is Unit.MONTH:
            return f"{self.start:%B %Y}"
        if self.unit is Unit.TERM:
            return f"{_TERMS[self.start.month]} {self.start.year}"
        if self.unit is Unit.YEAR:
            return f"academic year {self.start.year}/{(self.start.year + 1) % 100:02}"
        return self.days

    @property
    def days(self) -> str:
        """Its first and last day in words."""
        if self.start == self.end:
            return day(self.start)
        return f"{_without_same(self.start, self.end, '%B')} to {day(self.end)}"

    @property
    def before(self) -> Period:
        """The period to compare with: the month before, the same term or year a year before.

        Of one that is not over, it is the same part: 1 to 26 November goes with 1 to 26 October.
        Any other days go with as many days directly before them.
        """
        if self.unit is Unit.DAYS:
            length = self.end - self.start
            last = self.start - timedelta(days=1)
            return Period(last - length, last)
        months = 1 if self.unit is Unit.MONTH else 12
        start = _months_before(self.start, months)
        last = _last_day(start, self.unit)
        if not self.is_whole:
            last = min(last, _months_before(self.end, months))
        return replace(self, start=start, end=last)

    @property
    def against(self) -> str:
        """Its name beside the figures of a later one: "autumn term 2025", "1 to 26 Oct 2026"."""
        if self.unit is not Unit.DAYS and self.is_whole:
            return self.name
        if self.start == self.end:
            return short_day(self.start)
        return f"{_without_same(self.start, self.end, '%b')} to {short_day(self.end)}"

    def months(self) -> Iterator[date]:
        """Yield the first day of each month that it touches."""
        month = self.start.replace(day=1)
        while month <= self.end:
            yield month
            month = (month + timedelta(days=31)).replace(day=1)


@dataclass(frozen=True, slots=True)
class Preset:
    """A period that people choose by its name; ``slug`` stands in addresses."""

    slug: str
    label: str
    period: Period


def presets() -> list[Preset]:
    """Return the periods that are chosen by name; what is not over goes up to today."""
    now = today()
    month, term, year = (_first_day(now, unit) for unit in (Unit.MONTH, Unit.TERM, Unit.YEAR))
    return [
        Preset("this-month", "This month", _up_to_now(month, Unit.MONTH)),
        Preset("last-month", "Last month", _up_to_now(_before(month, Unit.MONTH), Unit.MONTH)),
        Preset("this-term", "This term", _up_to_now(term, Unit.TERM)),
        Preset("last-term", "Last term", _up_to_now(_before(term, Unit.TERM), Unit.TERM)),
        Preset("this-year", "Academic year", _up_to_now(year, Unit.YEAR)),
        Preset("last-year", "Last academic year", _up_to_now(_before(year, Unit.YEAR), Unit.YEAR)),
    ]


def usual_period() -> Period:
    """Return this term so far, which a statement is of unless another period is chosen."""
    return _up_to_now(_first_day(today(), Unit.TERM), Unit.TERM)


def read_day(text: str) -> date:
    """Return the day that ``text`` names, like "2026-09-01".

    Raises:
        ValueError: if it is not a day, or not one that a book of this network can have.
    """
    day = date.fromisoformat(text)
    if not EARLIEST <= day <= LATEST:
        raise ValueError("this day is in no book")
    return day


def read_period(start: str, end: str, slug: str = "") -> Period:
    """Return the period from ``start`` to ``end``, or the preset ``slug``, or else the usual one.

    If the days are unusable it is the usual one, with the problem.
    """
    if not start and not end:
        if not slug:
            return usual_period()
        for preset in presets():
            if preset.slug == slug:
                return preset.period
        return replace(usual_period(), problem="There is no such period. Choose one of these.")
    try:
        last = read_day(end) if end else today()
    except ValueError:
        return _unusable("Last day: write a day like 2026-09-01.", "end")
    try:
        first = read_day(start) if start else _first_day(last, Unit.YEAR)
    except ValueError:
        return _unusable("First day: write a day like 2026-09-01.", "start")
    if first > last:
        return _unusable("The first day is after the last day. Change one of them.", "start")
    if start and first > today():
        return _unusable(
            "That day has not come yet, so there is no statement from then on. Choose today or an"
            " earlier day.",
            "start",
        )
    if last > today():
        return _unusable(
            "That day has not come yet, so it has no closing balance. Choose today or an earlier"
            " day.",
            "end",
        )
    return Period(first, last, unit=_unit_of(first, last))


def before_opening(period: Period, opened_on: date) -> Period:
    """Return ``period`` with the problem that it ends before the account was opened, if it does."""
    if period.problem or period.end >= opened_on:
        return period
    return replace(
        period,
        problem=f"The account was opened on {day(opened_on)}, so there is nothing before that day."
        " Choose a later last day.",
        problem_field="end",
    )


def _unusable(problem: str, field: str) -> Period:
    return replace(usual_period(), problem=problem, problem_field=field)


def _unit_of(start: date, end: date) -> Unit:
    """What the days from ``start`` to ``end`` are the whole of."""
    for unit in (Unit.MONTH, Unit.TERM, Unit.YEAR):
        if start == _first_day(start, unit) and end == _last_day(start, unit):
            return unit
    return Unit.DAYS


def _up_to_now(start: date, unit: Unit) -> Period:
    return Period(start, min(_last_day(start, unit), today()), unit=unit)


def _first_day(day: date, unit: Unit) -> date:
    """The first day of the month, term or academic year of ``day``."""
    if unit is Unit.MONTH:
        return day.replace(day=1)
    if unit is Unit.TERM:
        return day.replace(month=max(month for month in _TERMS if month <= day.month), day=1)
    year = day.year if day.month >= ACADEMIC_YEAR_BEGINS else day.year - 1
    return date(year, ACADEMIC_YEAR_BEGINS, 1)


def _last_day(start: date, unit: Unit) -> date:
    """The last day of what begins on ``start``."""
    lengths = {Unit.MONTH: 1, Unit.YEAR: 12, Unit.TERM: {9: 4, 1: 3, 4: 5}.get(start.month, 0)}
    months = start.month - 1 + lengths[unit]
    return date(start.year + months // 12, months % 12 + 1, 1) - timedelta(days=1)


def _before(start: date, unit: Unit) -> date:
    """The first day of what came directly before."""
    return _first_day(start - timedelta(days=1), unit)


def _months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or its last day if it is shorter."""
    place = day.year * 12 + day.month - 1 - months
    first = date(place // 12, place % 12 + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def _without_same(start: date, end: date, month: str) -> str:
    """The first day in words, without the month or year that the last day has, too."""
    if start.year != end.year:
        return f"{start.day} {start:{month} %Y}"
    return f"{start.day} {start:{month}}" if start.month != end.month else f"{start.day}"


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON)
