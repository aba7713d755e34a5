"""How typed credits are read, and how they are written."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from marketplace.credits.formats import (
    credit_number,
    credits,
    decimal_credits,
    minutes_from_typed,
    signed_credits,
    signed_decimal_credits,
    typed_credits,
)
from marketplace.web.formats import FILTERS


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("1", 60),
        (" 2 ", 120),
        ("1.5", 90),
        ("1.50", 90),
        ("0.25 hours", 15),
        ("1½", 90),
        ("1 ½ credits", 90),
        ("¾", 45),
        ("1:30", 90),
        ("1h 30", 90),
        ("1 h 5 min", 65),
        ("0:15", 15),
        ("-0:15", -15),
        ("−0:15", -15),
        ("-1:30", -90),
        ("-1½", -90),
        ("-½", -30),
        ("-2", -120),
        ("1,5", 90),
        ("0,75", 45),
        ("10,5", 630),
        ("1,7", 102),
        ("1,000", 60_000),
        ("1,500", 90_000),
        ("12,000.5", 720_030),
        ("1,000,000", 60_000_000),
        ("1.000", 60),
        ("0", 0),
    ],
)
def test_typed_credits_mean_what_they_say(typed: str, minutes: int) -> None:
    assert minutes_from_typed(typed) == minutes


@pytest.mark.parametrize(
    "typed",
    [
        *("", "-", ".", ",", "half a day", "1.2.3", "--1", "- 1", "1 000", "1e3", "+1"),
        # A number that is in doubt: thousands or a decimal comma, cut off or mistyped.
        *("1,00", "10,00", "1,0000", "0,500", "00,500", "1234,567", "1,00,000", "1,000,5"),
        *("1.333", "0.01", "1:5", "1:60", "1:1/2", "1.5:30", "1½½", "½1"),
        *("1234567", "\u0661", "１", "1\n2", "1:30:00"),
    ],
)
def test_what_is_in_doubt_is_refused(typed: str) -> None:
    assert minutes_from_typed(typed) is None


@given(st.integers(min_value=-59_999_999, max_value=59_999_999))
@example(-15)
@example(-20)
@example(59_999_999)
def test_credits_as_they_are_typed_are_read_as_they_were(minutes: int) -> None:
    assert minutes_from_typed(typed_credits(minutes)) == minutes


@pytest.mark.parametrize(
    ("minutes", "typed"),
    [(90, "1.5"), (120, "2"), (15, "0.25"), (-30, "-0.5"), (100, "1:40"), (-100, "-1:40")],
)
def test_minutes_as_they_would_be_typed(minutes: int, typed: str) -> None:
    assert typed_credits(minutes) == typed


@pytest.mark.parametrize(
    ("minutes", "number", "words", "signed"),
    [
        (0, "0", "0 credits", "0"),
        (15, "¼", "¼ credit", "+¼"),
        (60, "1", "1 credit", "+1"),
        (-90, "1½", "−1½ credits", "−1½"),
        (100, "1 h 40 min", "1 h 40 min", "+1 h 40 min"),
        (-20, "20 min", "−20 min", "−20 min"),
        (60_045, "1,000¾", "1,000¾ credits", "+1,000¾"),
    ],
)
def test_credits_as_people_read_them(minutes: int, number: str, words: str, signed: str) -> None:
    assert credit_number(minutes) == number
    assert credits(minutes) == words
    assert signed_credits(minutes) == signed


def test_templates_can_write_a_name() -> None:
    assert FILTERS["proper"]("GLF SCHOOLS") == "GLF Schools"


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "0.00"),
        (15, "0.25"),
        (1005, "16.75"),
        (-480, "−8.00"),
        (3, "0.05"),
        (20, "0:20"),
        (80, "1:20"),
        (-61, "−1:01"),
        (74_070, "1,234.50"),
    ],
)
def test_columns_have_decimals_or_hours_and_minutes(minutes: int, text: str) -> None:
    assert decimal_credits(minutes) == text


@given(st.integers(-(10**7), 10**7))
def test_no_decimal_is_rounded(minutes: int) -> None:
    assert minutes_from_typed(decimal_credits(minutes).replace(",", "")) == minutes


def test_decimals_with_a_sign() -> None:
    signed = [signed_decimal_credits(minutes) for minutes in (165, -90, 0)]
    assert signed == ["+2.75", "−1.50", "0.00"]
