"""Quiet hours by the clock on the wall: over midnight, and when the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from marketplace.clock import LONDON
from marketplace.notifications.quiet_hours import end_of_quiet_hours

half_hours = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
FORWARD, BACK = datetime(2026, 3, 28, 18, tzinfo=UTC), datetime(2026, 10, 24, 18, tzinfo=UTC)
"""Shortly before the nights on which the clocks change."""


def minutes_after(start: datetime, minutes: int) -> datetime:
    return start + timedelta(minutes=minutes)


instants = st.builds(minutes_after, st.just(NEW_YEAR), st.integers(0, 365 * 24 * 60)) | st.builds(
    minutes_after, st.sampled_from([FORWARD, BACK]), st.integers(0, 24 * 60)
)


def at(text: str) -> datetime:
    """An instant in UTC, written like 2026-11-26 22:15."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "begins", "ends", "end"),
    [
        ("2026-11-26 17:59", "18:00", "07:00", None),
        ("2026-11-26 18:00", "18:00", "07:00", "2026-11-27 07:00"),
        ("2026-11-26 23:59", "18:00", "07:00", "2026-11-27 07:00"),
        ("2026-11-27 00:00", "18:00", "07:00", "2026-11-27 07:00"),
        ("2026-11-27 06:59", "18:00", "07:00", "2026-11-27 07:00"),
        ("2026-11-27 07:00", "18:00", "07:00", None),
        ("2026-11-26 12:30", "12:00", "13:00", "2026-11-26 13:00"),
        ("2026-11-26 13:00", "12:00", "13:00", None),
        ("2026-12-31 23:00", "22:00", "00:00", "2027-01-01 00:00"),
        # In summer London is an hour ahead of UTC.
        ("2026-07-01 16:59", "18:00", "07:00", None),
        ("2026-07-01 17:00", "18:00", "07:00", "2026-07-02 06:00"),
        # The clocks go forward at 01:00 on 29 March 2026: the night has an hour less.
        ("2026-03-28 20:00", "18:00", "07:00", "2026-03-29 06:00"),
        # They go back at 02:00 (01:00 UTC) on 25 October 2026: the night has an hour more.
        ("2026-10-24 20:00", "18:00", "07:00", "2026-10-25 07:00"),
        # 01:30 comes twice that night; it ends them when it comes next.
        ("2026-10-25 00:10", "22:00", "01:30", "2026-10-25 00:30"),
        ("2026-10-25 01:10", "22:00", "01:30", "2026-10-25 01:30"),
    ],
)
def test_when_quiet_hours_end(now: str, begins: str, ends: str, end: str | None) -> None:
    result = end_of_quiet_hours(at(now), time.fromisoformat(begins), time.fromisoformat(ends))
    assert result == (at(end) if end else None)


@given(now=instants, begins=half_hours, ends=half_hours)
def test_they_end_later_within_a_day_at_the_time_on_the_wall(
    now: datetime, begins: time, ends: time
) -> None:
    assume(begins != ends)
    end = end_of_quiet_hours(now, begins, ends)
    clock_time = now.astimezone(LONDON).time()
    between = (begins <= clock_time) + (clock_time < ends)
    is_quiet = between == 2 if begins < ends else between >= 1
    assert (end is not None) == is_quiet
    if end is not None:
        assert now < end <= now + timedelta(hours=25)
        on_the_wall = end.astimezone(LONDON).time()
        if on_the_wall != ends:
            # The one hour of the year that does not come.
            assert end.astimezone(LONDON).date() == date(2026, 3, 29)
            assert time(1) <= ends < time(2)
