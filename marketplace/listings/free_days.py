"""From which day on the help of a listing can be had."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from marketplace.calendar.school_calendar import Days, SchoolCalendar

MOST_HALF_TERMS = 13
"""How many half-terms ahead are looked through: more than a listing can name."""


def next_free_days(
    told: tuple[Days, ...],
    weekdays: tuple[int, ...],
    half_terms: tuple[str, ...],
    since: date,
    most: int,
) -> list[date]:
    """Return the first days, at most so many, that are as ``first_free_day`` says."""
    days: list[date] = []
    while len(days) < most:
        day = first_free_day(told, weekdays, half_terms, since)
        if day is None:
            break
        days.append(day)
        since = day + timedelta(days=1)
    return days


@lru_cache(maxsize=8192)
def first_free_day(
    told: tuple[Days, ...],
    weekdays: tuple[int, ...],
    half_terms: tuple[str, ...],
    since: date,
) -> date | None:
    """Return the first day from ``since`` on that is one of these weekdays in these half-terms.

    ``told`` is what is known of the term dates of the school that posted the listing. Without
    weekdays any school day will do, and without half-terms any half-term. None where the listing
    names neither, so that nobody knows, or where all that it names has passed.
    """
    if not weekdays and not half_terms:
        return None
    calendar = SchoolCalendar(told)
    for half_term in calendar.half_terms_from(since, MOST_HALF_TERMS):
        if half_terms and half_term.key not in half_terms:
            continue
        day = max(since, half_term.starts_on)
        while day <= half_term.ends_on:
            if (not weekdays or day.weekday() in weekdays) and calendar.no_school(day) is None:
                return day
            day += timedelta(days=1)
    return None
