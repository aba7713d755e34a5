"""Dividing whole minutes by a share, so that none is lost and none made."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple


class Split(NamedTuple):
    """An amount in two: ``part`` is what the share takes, ``rest`` what stays."""

    rest: int
    part: int


def split(minutes: int, share: Fraction) -> Split:
    """Take a share of some minutes, rounded down to whole ones; the rest keeps the remainder.

    >>> split(90, Fraction("0.05"))
    Split(rest=86, part=4)
    """
    part = minutes * share.numerator // share.denominator
    return Split(minutes - part, part)
