"""Days that tests speak of, counted from today on."""

from __future__ import annotations

from datetime import date, timedelta

from marketplace.calendar.school_calendar import SchoolCalendar
from marketplace.clock import today


def a_school_day(days: int) -> date:
    """Return the first school day that is at least ``days`` days away, whatever today is.

    A test that proposes any other day would be told that the schools may be closed: on a Saturday,
    on a bank holiday, and for as long as the holidays last.
    """
    day = today() + timedelta(days=days)
    calendar = SchoolCalendar([])
    while calendar.no_school(day) is not None:
        day += timedelta(days=1)
    return day
