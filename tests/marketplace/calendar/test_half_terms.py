"""When the half-terms of most schools are."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from marketplace.calendar.half_terms import (
    bank_holiday,
    current_key,
    guessed_half_terms,
    half_term_name,
    half_terms_from,
    is_key,
)


@pytest.mark.parametrize("year", range(2020, 2040))
def test_six_half_terms_follow_each_other_and_begin_and_end_on_school_days(year: int) -> None:
    half_terms = guessed_half_terms(year)
    assert [one.key for one in half_terms] == [f"{year}-{number}" for number in range(1, 7)]
    days = [day for one in half_terms for day in (one.starts_on, one.ends_on)]
    assert days == sorted(days)
    assert all(day.weekday() < 5 and bank_holiday(day) is None for day in days)
    for one, following in pairwise(half_terms):
        assert 9 <= (following.starts_on - one.ends_on).days <= 21
        assert 20 <= (one.ends_on - one.starts_on).days <= 60


def test_the_days_are_those_of_councils() -> None:
    """As most councils have them for 2026/27."""
    assert [(str(one.starts_on), str(one.ends_on)) for one in guessed_half_terms(2026)] == [
        ("2026-09-01", "2026-10-23"),
        ("2026-11-02", "2026-12-18"),
        ("2027-01-04", "2027-02-12"),
        ("2027-02-22", "2027-03-25"),
        ("2027-04-12", "2027-05-28"),
        ("2027-06-07", "2027-07-22"),
    ]


def test_in_holidays_the_next_half_term_counts() -> None:
    assert current_key(date(2026, 10, 23)) == "2026-1"
    assert current_key(date(2026, 10, 24)) == "2026-2"
    assert current_key(date(2027, 8, 3)) == "2027-1"
    ahead = half_terms_from(date(2027, 6, 30), 8)
    assert [one.key for one in ahead] == ["2026-6", *(f"2027-{n}" for n in range(1, 7)), "2028-1"]


def test_names_and_keys() -> None:
    assert half_term_name("2026-3") == "Spring 1, 2026/27"
    assert half_term_name("2099-6") == "Summer 2, 2099/00"
    assert guessed_half_terms(2026)[0].short_name == "Autumn 1"
    assert not any(map(is_key, ("", "2026-0", "2026-7", "2026-1 ", "1999-1", "²026-1")))
    assert is_key("2026-6")
    assert bank_holiday(date(2026, 12, 28)) is not None
