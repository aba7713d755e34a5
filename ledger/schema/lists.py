"""Lists of values for ``IN (…)``, of so few lengths that statements are the same ones again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

LONGEST_FILLED = 8_192
"""Longer lists stay as they are: SQLite takes 32,766 values in a statement."""

T = TypeVar("T")


def few_lengths(values: Iterable[T]) -> list[T]:
    """Return ``values`` with the last one repeated until their number is a power of two.

    Each length is a statement of its own, which a driver keeps once it is prepared: sqlite3 the
    last 128 of a connection, and one with 1,000 values takes 100 KiB. ``IN`` finds the same rows.
    """
    filled = list(values)
    if 0 < len(filled) <= LONGEST_FILLED:
        filled += filled[-1:] * ((1 << (len(filled) - 1).bit_length()) - len(filled))
    return filled
