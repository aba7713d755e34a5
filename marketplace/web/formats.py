"""How dates, distances and names are written for people."""

from __future__ import annotations

from datetime import date, datetime

from marketplace.clock import LONDON, today
from marketplace.web.capitals import proper

METRES_PER_MILE = 1609.344


def day(value: date | datetime) -> str:
    """Return a date in full: "23 November 2026" (in Europe/London)."""
    if isinstance(value, datetime):
        value = value.astimezone(LONDON)
    return f"{value.day} {value:%B %Y}"


def short_day(value: date | datetime) -> str:
    """Return a date in short: "23 Nov 2026" (in Europe/London)."""
    if isinstance(value, datetime):
        value = value.astimezone(LONDON)
    return f"{value.day} {value:%b %Y}"


def month(value: date) -> str:
    """Return the month of a date in full: "November 2026"."""
    return f"{value:%B %Y}"


def moment(value: datetime) -> str:
    """Return an instant: "23 Nov 2026, 14:05" (in Europe/London)."""
    value = value.astimezone(LONDON)
    return f"{short_day(value)}, {value:%H:%M}"


def clock_time(value: datetime) -> str:
    """Return the time of day of an instant: "14:05" (in Europe/London)."""
    return f"{value.astimezone(LONDON):%H:%M}"


def age(value: datetime) -> str:
    """Return how long ago an instant was, in days: "today", "yesterday", "3 days"."""
    days = days_since(value)
    return {0: "today", 1: "yesterday"}.get(days, f"{days:,} days")


def days_since(value: datetime) -> int:
    """Return how many midnights in Europe/London there were since an instant; 0 if it is ahead."""
    return max((today() - value.astimezone(LONDON).date()).days, 0)


def miles(metres: float) -> str:
    """Return a distance: "under 1 mile", "12 miles"."""
    distance = metres / METRES_PER_MILE
    if distance < 1:
        return "under 1 mile"
    rounded = round(distance)
    return f"{rounded} mile" if rounded == 1 else f"{rounded:,} miles"


def weekday_and_day(value: date) -> str:
    """Return a day that is near, with its day of the week: "Tue 1 Dec", which is not broken."""
    return f"{value:%a}\N{NO-BREAK SPACE}{value.day}\N{NO-BREAK SPACE}{value:%b}"


def times(count: int) -> str:
    """Return how often something was: "once", "twice", "1,200 times"."""
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


FILTERS = {
    function.__name__: function
    for function in (
        day,
        short_day,
        weekday_and_day,
        moment,
        age,
        clock_time,
        miles,
        proper,
    )
}
