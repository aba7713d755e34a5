"""Days that tests speak of, counted from today on."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from marketplace.calendar.school_calendar import SchoolCalendar
from marketplace.clock import LONDON, now, today

_THURSDAY = 3  # of ``date.weekday()``


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


def noon_on_a_thursday() -> datetime:
    """Return noon in Europe/London on the latest Thursday on which it was noon.

    It is not long ago: the ledger, whose clock no test sets, refuses a hold that has ended by then.
    """
    day = today()
    noon = datetime.combine(day - timedelta(days=(day.weekday() - _THURSDAY) % 7), time(12), LONDON)
    return (noon if noon <= now() else noon - timedelta(days=7)).astimezone(UTC)
