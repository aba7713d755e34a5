"""The ledger's time: instants in UTC, days in London."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ledger.errors import InvalidDate

TIME_ZONE = "Europe/London"
LONDON = ZoneInfo(TIME_ZONE)
END = datetime.max.replace(tzinfo=UTC)  # of the calendar; nothing is recorded as late

LEEWAY = timedelta(seconds=1)  # that an instant recorded may be later than the clock

Clock = Callable[[], datetime]


def now(clock: Clock | None) -> datetime:
    """The instant by the clock given, never later than by the machine's."""
    real = datetime.now(UTC)
    return min(told(clock), real) if clock else real


def told(clock: Clock) -> datetime:
    """What a clock tells, in UTC.

    Raises:
        InvalidDate: it is no instant.
    """
    return in_utc(clock())


def day_of(instant: datetime) -> date:
    """The calendar day in London."""
    return instant.astimezone(LONDON).date()


def beginning_of(day: date) -> datetime:
    """The instant at which a day in London begins."""
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The instant at which a day in London is over; for the last of all, the last of all."""
    return END if day == date.max else beginning_of(day + timedelta(days=1))


def in_utc(instant: datetime) -> datetime:
    """An instant with a time zone, in UTC.

    Raises:
        InvalidDate: it is not one, or lies beyond the calendar.
    """
    if not isinstance(instant, datetime) or instant.utcoffset() is None:
        raise InvalidDate(instant, f"“{instant}” is not an instant with a time zone.")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise InvalidDate(instant, "No calendar goes that far.") from None
