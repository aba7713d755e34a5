"""Dividing minutes: nothing is lost, nothing made, and never more taken than the share."""

from __future__ import annotations

import doctest
from fractions import Fraction

import hypothesis.strategies as st
from hypothesis import given

import ledger.shares
from ledger.engines.requests import FINEST_SHARE, MOST_MINUTES
from ledger.shares import split

minutes = st.integers(0, MOST_MINUTES)
shares = st.fractions(0, 1, max_denominator=FINEST_SHARE)


@given(minutes, shares)
def test_the_two_parts_are_the_whole_and_the_share_is_rounded_down(
    whole: int, share: Fraction
) -> None:
    rest, part = split(whole, share)
    assert rest + part == whole
    assert part <= whole * share < part + 1
    assert 0 <= part <= whole


@given(minutes, minutes, shares)
def test_of_more_minutes_no_smaller_part_is_taken(one: int, more: int, share: Fraction) -> None:
    less, bigger = split(one, share), split(one + more, share)
    assert less.part <= bigger.part
    assert less.rest <= bigger.rest


def test_the_example_is_right() -> None:
    result = doctest.testmod(ledger.shares)
    assert (result.attempted > 0, result.failed) == (True, 0)
