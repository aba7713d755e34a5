"""What a mutation is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change at ``line`` of ``path``: a piece of it before and after, and the whole file after.

    ``text`` makes the whole file, because most mutations are never drawn.
    """

    path: str
    line: int
    before: str
    after: str
    text: Callable[[], str]
    sql: bool = False
