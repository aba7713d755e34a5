"""Half-terms: the six parts of a school year, and when they usually are in England.

A half-term is known by a key such as ``2026-1``: the first half of the autumn term of the school
year that begins in 2026. When it begins and ends is a guess until a school or its local authority
has said so (``queries.half_terms_of``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from holidays import country_holidays

KEY = re.compile(r"20\d\d-[1-6]")
NAMES = ("Autumn 1", "Autumn 2", "Spring 1", "Spring 2", "Summer 1", "Summer 2")
MONDAY, FRIDAY = 0, 4
SEPTEMBER = 9


@dataclass(frozen=True, slots=True)
class HalfTerm:
    """One half-term, with its first and its last school day.

    ``guessed`` says that nobody has told us the days: they are those of most schools.
    """

    key: str
    starts_on: date
    ends_on: date
    guessed: bool = True

    @property
    def name(self) -> str:
        """Its name, as schools say it, with the school year: “Spring 1, 2026/27”."""
        return half_term_name(self.key)

    @property
    def short_name(self) -> str:
        """Its name without the year."""
        return NAMES[int(self.key[-1]) - 1]


def half_term_name(key: str) -> str:
    """Return the name of a half-term by its key."""
    year = int(key[:4])
    return f"{NAMES[int(key[-1]) - 1]}, {year}/{(year + 1) % 100:02}"


def is_key(text: str) -> bool:
    """Say whether ``text`` is the key of a half-term."""
    return KEY.fullmatch(text) is not None


def school_year(day: date) -> int:
    """Return the year in which the school year of ``day`` began: on 1 September."""
    return day.year if day.month >= SEPTEMBER else day.year - 1


def bank_holiday(day: date) -> str | None:
    """Return the name of the bank holiday in England on ``day``, if it is one."""
    return _bank_holidays(day.year).get(day)


@cache
def _bank_holidays(year: int) -> dict[date, str]:
    return dict(country_holidays("GB", subdiv="ENG", years=year))


@cache
def guessed_half_terms(year: int) -> tuple[HalfTerm, ...]:
    """Return the six half-terms of the school year that begins in ``year``, as most schools have
    them: a week off at the end of October, in the middle of February and at the end of May, two
    weeks at Christmas and at Easter.
    """
    october = _last(MONDAY, year, 10)
    february = _first(MONDAY, date(year + 1, 2, 15))
    may = _last(MONDAY, year + 1, 5)
    before_easter, after_easter = _easter_holiday(year + 1)
    week = timedelta(days=7)
    spans = (
        (_weekday(date(year, 9, 1)), october - timedelta(days=3)),
        (october + week, _last_before(FRIDAY, date(year, 12, 21))),
        (_weekday(date(year + 1, 1, 4)), february - timedelta(days=3)),
        (february + week, before_easter),
        (_weekday(after_easter), may - timedelta(days=3)),
        (may + week, _weekday(date(year + 1, 7, 22), step=-1)),
    )
    return tuple(
        HalfTerm(f"{year}-{number}", starts_on, ends_on)
        for number, (starts_on, ends_on) in enumerate(spans, start=1)
    )


def half_terms_from(
    day: date,
    count: int,
    of_year: Callable[[int], tuple[HalfTerm, ...]] = guessed_half_terms,
) -> list[HalfTerm]:
    """Return the half-term of ``day`` (in holidays, the one after them) and those that follow."""
    year = school_year(day)
    years = range(year, year + 2 + count // 6)
    half_terms = [half_term for each in years for half_term in of_year(each)]
    return [half_term for half_term in half_terms if half_term.ends_on >= day][:count]


def current_key(day: date) -> str:
    """Return the key of the half-term of ``day``, by the days of most schools."""
    return half_terms_from(day, 1)[0].key


def _easter_holiday(year: int) -> tuple[date, date]:
    """The last school day before the two weeks of Easter, and the first one after them."""
    monday = next(day for day, name in _bank_holidays(year).items() if name == "Easter Monday")
    if (monday.month, monday.day) <= (4, 5):
        # An early Easter begins the holidays.
        return monday - timedelta(days=4), monday + timedelta(days=14)
    if (monday.month, monday.day) <= (4, 13):
        # One in the middle: the week before it and the week after.
        return monday - timedelta(days=10), monday + timedelta(days=7)
    first_free = _first(MONDAY, date(year, 4, 4))
    return first_free - timedelta(days=3), first_free + timedelta(days=14)


def _first(weekday: int, day: date) -> date:
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def _last_before(weekday: int, day: date) -> date:
    return day - timedelta(days=(day.weekday() - weekday - 1) % 7 + 1)


def _last(weekday: int, year: int, month: int) -> date:
    return _last_before(weekday, date(year + month // 12, month % 12 + 1, 1))


def _weekday(day: date, step: int = 1) -> date:
    while day.weekday() > FRIDAY or bank_holiday(day):
        day += timedelta(days=step)
    return day
