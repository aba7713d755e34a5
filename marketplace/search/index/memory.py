"""What was found out about one state of the index, kept for as long as the index stays so."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

MOST, MOST_SEARCHES = 2_000, 300
"""How many answers are kept; with more than that, all are forgotten."""


class Answers:
    """Answers that are the same for everybody, or for everybody who is named in their key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._answers: dict[Hashable, Any] = {}

    def recall(self, key: Hashable, find_out: Callable[[], T]) -> T:
        """Return the answer kept under ``key``; it is found out if there is none.

        Two threads may find it out at once; it is the same.
        """
        try:
            kept: T = self._answers[key]
        except KeyError:
            if len(self._answers) >= self._most:
                self._answers = {}
            kept = self._answers[key] = find_out()
        return kept


class Memory(Answers):
    """What one state of the index is known to answer; ``searches`` are whole searches."""

    def __init__(self) -> None:
        super().__init__(MOST)
        self.searches = Answers(MOST_SEARCHES)
