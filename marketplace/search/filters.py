"""What narrows a search besides its words, and what the engine finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tantivy import Occur, Query

Conditions = Sequence[tuple[Occur, Query]]


class Whose(StrEnum):
    """Of which schools listings are, seen from the one that is acted for."""

    ANYBODY = "anybody"
    OURS = "ours"
    """Of the school itself, or of its trust."""
    OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Circle:
    """Who is within a distance: ``exact`` are its conditions.

    ``cells`` are what touches it: where they are asked as well, the others are looked at for less.
    """

    cells: Query
    exact: Conditions


NOT_LOOKED_UP = -1
"""Stands for the day of a hit that was found without looking for one."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One listing that fits: the lower the rank, the better; of one rank, the newest first."""

    rank: float
    id: int
    free_on: int | None = NOT_LOOKED_UP
    """The ordinal of the first day on which it can be had; None where nobody knows it."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search besides its words: values by field, of which one must fit each."""

    values: dict[str, Sequence[str]] = field(default_factory=dict)
    within: Circle | None = None
    """Only listings of schools within a distance (see ``circles``); None for all."""
    whose: Whose = Whose.ANYBODY
    may_be_asked: bool | None = None
    """Whether offers of schools that said not now are left out; if false, there is nothing else."""

    def without(self, name: str) -> Filters:
        """Return the same filters but one."""
        return replace(self, values={k: v for k, v in self.values.items() if k != name})

    def having(self, name: str, *values: str) -> Filters:
        """Return the same filters and one of these values of the field, in place of others."""
        return replace(self, values={**self.values, name: values})
