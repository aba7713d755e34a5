"""Which days a statement is of, and with which it is compared."""

from __future__ import annotations

from datetime import date

import pytest

from marketplace.statements import period
from marketplace.statements.period import Period, presets, read_period

NOW = date(2026, 11, 26)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(period, "today", lambda: NOW)


def test_presets_go_up_to_today() -> None:
    shown = {
        preset.slug: (str(preset.period.start), str(preset.period.end), preset.period.name)
        for preset in presets()
    }
    assert shown == {
        "this-month": ("2026-11-01", "2026-11-26", "November 2026"),
        "last-month": ("2026-10-01", "2026-10-31", "October 2026"),
        "this-term": ("2026-09-01", "2026-11-26", "autumn term 2026"),
        "last-term": ("2026-04-01", "2026-08-31", "summer term 2026"),
        "this-year": ("2026-09-01", "2026-11-26", "academic year 2026/27"),
        "last-year": ("2025-09-01", "2026-08-31", "academic year 2025/26"),
    }


@pytest.mark.parametrize(
    ("chosen", "compared", "words"),
    [
        (("", "", "this-month"), ("2026-10-01", "2026-10-26"), "1 to 26 Oct 2026"),
        (("", "", "last-month"), ("2026-09-01", "2026-09-30"), "September 2026"),
        (("", "", "this-term"), ("2025-09-01", "2025-11-26"), "1 Sep to 26 Nov 2025"),
        (("", "", "last-term"), ("2025-04-01", "2025-08-31"), "summer term 2025"),
        (("", "", "last-year"), ("2024-09-01", "2025-08-31"), "academic year 2024/25"),
        (("2026-02-01", "2026-02-28", ""), ("2026-01-01", "2026-01-31"), "January 2026"),
        (("2026-01-01", "2026-03-31", ""), ("2025-01-01", "2025-03-31"), "spring term 2025"),
        (("2026-03-03", "2026-03-04", ""), ("2026-03-01", "2026-03-02"), "1 to 2 Mar 2026"),
        (("2026-03-03", "2026-03-03", ""), ("2026-03-02", "2026-03-02"), "2 Mar 2026"),
    ],
)
def test_a_period_is_compared_with_the_same_one_before(
    chosen: tuple[str, str, str], compared: tuple[str, str], words: str
) -> None:
    before = read_period(*chosen).before
    assert (str(before.start), str(before.end)) == compared
    assert before.against == words


def test_the_end_of_a_long_month_goes_with_the_end_of_a_short_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(period, "today", lambda: date(2026, 3, 30))
    before = read_period("", "", "this-month").before
    assert (before.start, before.end) == (date(2026, 2, 1), date(2026, 2, 28))


@pytest.mark.parametrize(
    ("start", "end", "name"),
    [
        ("2026-10-01", "2026-10-31", "October 2026"),
        ("2026-10-01", "2026-10-30", "1 to 30 October 2026"),
        ("2025-12-24", "2026-01-02", "24 December 2025 to 2 January 2026"),
        ("2026-11-26", "2026-11-26", "26 November 2026"),
        ("2026-10-03", "", "3 October to 26 November 2026"),
        ("", "2026-08-31", "academic year 2025/26"),
    ],
)
def test_a_period_has_a_name(start: str, end: str, name: str) -> None:
    assert read_period(start, end).name == name


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("2026-11-27", "2026-11-28", "start"),
        ("2026-11-01", "2026-11-27", "end"),
        ("", "2026-11-27", "end"),
        ("2026-11-02", "2026-11-01", "start"),
        ("2026-11-31", "2026-11-01", "start"),
        ("", "tomorrow", "end"),
    ],
)
def test_days_that_are_none_are_said_at_their_field(start: str, end: str, field: str) -> None:
    chosen = read_period(start, end)
    assert (bool(chosen.problem), chosen.problem_field) == (True, field)


def test_months_are_those_that_a_period_touches() -> None:
    touched = Period(date(2025, 12, 31), date(2026, 2, 1)).months()
    assert [f"{month:%b}" for month in touched] == ["Dec", "Jan", "Feb"]
